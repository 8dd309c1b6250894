"""Runs the steps of a client and prints one line of JSON for each: what was answered, or with which words it was refused."""
import json


def step(name, call):
    try:
        outcome, said = "Answered", call()
    except Exception as error:
        outcome, said = "Refused", str(error)
    print(json.dumps({"step": name, "outcome": outcome, "said": str(said)[:400]}), flush=True)

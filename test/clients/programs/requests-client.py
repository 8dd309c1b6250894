"""requests alone: JSON by `json=`, and text by `data=`, which names no Content-Type."""
import json
import sys

import requests
from report import step

people, digits = (f"http://{host}/v2" for host in sys.argv[1:3])
ages = {"name": "age", "shape": [2, 1], "datatype": "FP64", "data": [30.5, None]}
cities = {"name": "city", "shape": [2, 1], "datatype": "BYTES", "data": [["Graz"], ["Basel"]]}
good = {"id": None, "parameters": None, "outputs": None, "inputs": [ages, cities]}
pixels = {"name": "pixels", "shape": [1, 28, 28, 1], "datatype": "FP32", "data": [0.5] * 784}


def told(answer):
    if not answer.ok:
        raise RuntimeError(answer.json()["error"])
    return answer.json()


def infer(body, base=people, model="people", **options):
    sent = {"data": body} if isinstance(body, str) else {"json": body}
    return [output["name"] for output in told(requests.post(f"{base}/models/{model}/infer", **sent, **options))["outputs"]]


def with_age(**changes):
    return {"inputs": [{**ages, **changes}, cities]}


def chunks():
    yield from (json.dumps(good).encode()[:50], json.dumps(good).encode()[50:])


step("ready", lambda: told(requests.get(f"{people}/models/people/ready")))
step("metadata", lambda: told(requests.get(f"{people}/models/people/")))
step("infer people", lambda: infer(good))
step("infer people, as text", lambda: infer(json.dumps(good)))
step("infer people, in chunks", lambda: told(requests.post(f"{people}/models/people/infer", data=chunks())))
step("infer people of a version", lambda: told(requests.post(f"{people}/models/people/versions/people-1/infer", json=good)))
step("infer digits", lambda: infer({"inputs": [pixels]}, digits, "digits"))
step("refuse a missing input", lambda: infer({"inputs": [ages]}))
step("refuse NaN in JSON", lambda: infer(json.dumps(with_age(data=[1.0, float("nan")]))))
step("refuse Infinity in JSON", lambda: infer(json.dumps(with_age(data=[1.0, float("-inf")]))))
step("refuse numbers as texts", lambda: infer(with_age(data=["1", "2"])))
step("refuse an integer beyond 2^53", lambda: infer(with_age(datatype="INT64", data=[1, 2**53 + 1])))
step("refuse no rows", lambda: infer(with_age(shape=[0], data=[])))
step("refuse what Python prints", lambda: infer(str(good)))
step("refuse a form", lambda: told(requests.post(f"{people}/models/people/infer", data={"age": 1})))
step("refuse a file", lambda: told(requests.post(f"{people}/models/people/infer", files={"a": b"1,2"})))

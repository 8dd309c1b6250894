"""MLServer's types and codecs, sent by urllib, which says that every body is a form; and its command `infer`."""
import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import numpy as np
import pandas as pd
from mlserver.codecs import NumpyRequestCodec, PandasCodec
from mlserver.types import InferenceRequest, InferenceResponse, MetadataModelResponse, MetadataServerResponse
from report import step

people, digits = sys.argv[1:3]


def ask(url, body=None):
    try:
        return urllib.request.urlopen(f"http://{url}", body and body.encode()).read().decode()
    except urllib.error.HTTPError as error:
        raise RuntimeError(json.loads(error.read())["error"]) from error


def infer(host, model, body):
    answer = InferenceResponse.model_validate_json(ask(f"{host}/v2/models/{model}/infer", body))
    return [(output.name, output.shape) for output in answer.outputs]


frame = pd.DataFrame({"age": [30.5, float("nan")], "city": ["Graz", "Basel"]})
encoded = PandasCodec.encode_request(frame, use_bytes=False)
pixels = NumpyRequestCodec.encode_request(np.zeros((1, 28, 28, 1), np.float32))
pixels.inputs[0].name = "pixels"


def every_member(request):
    plain = {member: getattr(request, member) for member in ("id", "outputs")}
    return json.dumps({**request.model_dump(mode="json"), **plain})


def command(*options):
    """The records of its output; raises with what it says of one that was refused."""
    with tempfile.TemporaryDirectory() as directory:
        asked, answered = f"{directory}/in", f"{directory}/out"
        with open(asked, "w") as file:
            file.write(PandasCodec.encode_request(frame[:1], use_bytes=False).model_dump_json() + "\n")
        call = ["mlserver", "infer", "-u", people, "-m", "people", "-i", asked, "-o", answered, "-r", "1", *options]
        program = f"{sys.prefix}/bin/mlserver"
        subprocess.run([program, *call[1:]], check=True, capture_output=True)
        records = [json.loads(line) for line in open(answered)]
    if not records or "error" in records[0]:
        raise RuntimeError(records)
    return records


step("ready", lambda: ask(f"{people}/v2/models/people/ready"))
step("server metadata", lambda: MetadataServerResponse.model_validate_json(ask(f"{people}/v2")))
step("metadata", lambda: MetadataModelResponse.model_validate_json(ask(f"{people}/v2/models/people")))
step("infer people", lambda: infer(people, "people", encoded.model_dump_json()))
step("infer people, every member written", lambda: infer(people, "people", every_member(encoded)))
step("infer digits", lambda: infer(digits, "digits", pixels.model_dump_json()))
step("infer people by its command", lambda: command())
step("infer people by its command, as bytes", lambda: command("-b"))
step("refuse a missing input", lambda: infer(people, "people", PandasCodec.encode_request(frame[["age"]]).model_dump_json()))
step("refuse a column too many", lambda: infer(people, "people", PandasCodec.encode_request(frame.assign(index=[1, 2]), use_bytes=False).model_dump_json()))
step("refuse numbers as one tensor", lambda: infer(people, "people", NumpyRequestCodec.encode_request(np.zeros((2, 2))).model_dump_json()))

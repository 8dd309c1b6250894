"""KServe's InferenceRESTClient."""
import sys


import asyncio

import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from report import step

people, digits = (f"http://{host}" for host in sys.argv[1:3])
loop = asyncio.new_event_loop()
client = InferenceRESTClient(RESTConfig(protocol="v2"))


def wait(call):
    return lambda: loop.run_until_complete(call())


def tensor(name, values, datatype, binary):
    made = InferInput(name, list(values.shape), datatype)
    made.set_data_from_numpy(values, binary_data=binary)
    return made


def columns(binary):
    ages = tensor("age", np.array([[30.5], [41.0]]), "FP64", binary)
    return [ages, tensor("city", np.array(["Graz", "Basel"], dtype=object), "BYTES", binary)]


async def infer(base, model, inputs, **options):
    answer = await client.infer(base, InferRequest(model_name=model, infer_inputs=inputs, **options), model_name=model)
    return [(output.name, output.as_numpy().tolist()[:1]) for output in answer.outputs]


async def raw(data):
    return await client.infer(people, data, model_name="people")


async def v1():
    return await InferenceRESTClient(RESTConfig()).infer(people, {"instances": [[1]]}, model_name="people")


pixels = np.zeros((1, 28, 28, 1), np.float32)
step("live", wait(lambda: client.is_server_live(people)))
step("ready", wait(lambda: client.is_server_ready(people)))
step("metadata", wait(lambda: client.is_model_ready(people, "people")))
step("infer people", wait(lambda: infer(people, "people", columns(True))))
step("infer people as JSON", wait(lambda: infer(people, "people", columns(False))))
step("infer people, answered as bytes", wait(lambda: infer(people, "people", columns(False), parameters={"binary_data_output": True})))
step("infer digits", wait(lambda: infer(digits, "digits", [tensor("pixels", pixels, "FP32", True)])))
step("refuse a missing input", wait(lambda: infer(people, "people", columns(True)[:1])))
step("refuse numbers as texts", wait(lambda: raw({"inputs": [{"name": "age", "shape": [1], "datatype": "FP64", "data": ["1"]}, {"name": "city", "shape": [1], "datatype": "BYTES", "data": ["Graz"]}]})))
step("refuse V1", wait(v1))

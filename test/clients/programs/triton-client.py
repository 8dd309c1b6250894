"""tritonclient[http], with its defaults (tensors as bytes) and without them."""
import sys

import numpy as np
import tritonclient.http as http
from report import step

people, digits = sys.argv[1:3]
table, pictures = http.InferenceServerClient(people), http.InferenceServerClient(digits)


def tensor(name, values, datatype, binary=True):
    made = http.InferInput(name, list(values.shape), datatype)
    return made.set_data_from_numpy(values, binary_data=binary)


def columns(binary=True):
    ages = tensor("age", np.array([[30.5], [41.0]]), "FP64", binary)
    return [ages, tensor("city", np.array([["Graz"], ["Basel"]], dtype=object), "BYTES", binary)]


def infer(inputs=None, **options):
    answer = table.infer("people", columns() if inputs is None else inputs, **options)
    return answer.as_numpy("label").tolist()


def picture(datatype, values):
    answer = pictures.infer("digits", [tensor("pixels", values, datatype)])
    return answer.as_numpy("probabilities").shape


zeros = np.zeros((2, 28, 28, 1))
step("live", table.is_server_live)
step("ready", lambda: table.is_server_ready() and table.is_model_ready("people") and table.is_model_ready("people", "people-1"))
step("server metadata", table.get_server_metadata)
step("metadata", lambda: table.get_model_metadata("people"))
step("infer people", infer)
step("infer people as JSON", lambda: infer(columns(False)))
step("infer people with gzip", lambda: infer(request_compression_algorithm="gzip", response_compression_algorithm="gzip"))
step("infer people with deflate", lambda: infer(columns(False), request_compression_algorithm="deflate"))
step("infer people, one output as JSON", lambda: infer(outputs=[http.InferRequestedOutput("label", binary_data=False)]))
step("infer people with parameters", lambda: infer(request_id="1", priority=1, timeout=1000, parameters={"a": "b"}))
step("infer people with NaN as bytes", lambda: infer([tensor("age", np.array([np.nan]), "FP64"), tensor("city", np.array(["Graz"], dtype=object), "BYTES")]))
step("infer digits", lambda: picture("FP32", zeros.astype(np.float32)))
step("infer digits as UINT8", lambda: picture("UINT8", zeros.astype(np.uint8)))
step("infer digits as FP16", lambda: picture("FP16", zeros.astype(np.float16)))
step("infer digits without its last dimension", lambda: picture("FP32", zeros.astype(np.float32)[..., 0]))
step("refuse a missing input", lambda: infer(columns()[:1]))
step("refuse NaN in JSON", lambda: infer([tensor("age", np.array([np.nan]), "FP64", False), columns(False)[1]]))
step("refuse an unknown output", lambda: infer(outputs=[http.InferRequestedOutput("logits")]))
step("refuse classification", lambda: infer(outputs=[http.InferRequestedOutput("label", class_count=2)]))
step("refuse a wrong shape", lambda: picture("FP32", zeros.astype(np.float32).reshape(2, 784)))
step("refuse the model repository", table.get_model_repository_index)
step("refuse statistics", lambda: table.get_inference_statistics("people"))

"""The tables of npm run decide -- tables, and what scikit-learn measures on them: on Sluice's own test rows, and by 10 folds.

Regenerate from the repository root (Python is needed for this only, never for the tests or the command):
    python3 -m venv /tmp/oracle
    /tmp/oracle/bin/pip install scikit-learn==1.9.1 statsmodels==0.15.0 palmerpenguins==0.1.4 vega_datasets==0.9.0
    /tmp/oracle/bin/python test/decide/tables/oracle/figures.py
    npx biome format --write test/decide/tables/oracle/figures.json
"""
import gzip
import importlib.resources
import json
import pathlib
import subprocess

import numpy as np
import pandas as pd
from sklearn import datasets, metrics
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

here = pathlib.Path(__file__).parent
foldings = 5


def of_sklearn(name):
    frame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    return frame.rename(columns=lambda column: column.replace(" (cm)", "").replace(" ", "_").replace("/", "_per_"))


def of_package(package, path, **how):
    with importlib.resources.files(package).joinpath(path).open() as file:
        return pd.read_csv(file, **how)


tables = {
    "iris": lambda: of_sklearn("iris"),
    "wine": lambda: of_sklearn("wine"),
    "breast_cancer": lambda: of_sklearn("breast_cancer"),
    "digits": lambda: of_sklearn("digits").astype(int),
    "diabetes": lambda: datasets.load_diabetes(as_frame=True, scaled=False).frame,
    "anes96": lambda: of_package("statsmodels.datasets.anes96", "anes96.csv", sep="\t", quotechar="'"),
    "engel": lambda: of_package("statsmodels.datasets.engel", "engel.csv"),
    "grunfeld": lambda: of_package("statsmodels.datasets.grunfeld", "grunfeld.csv"),
    "penguins": lambda: of_package("palmerpenguins", "data/penguins.csv").dropna(subset=["body_mass_g"]),
    "seattle_weather": lambda: of_package("vega_datasets", "_data/seattle-weather.csv").drop(columns="date"),
}


def write_tables():
    for name, read in tables.items():
        text = read().to_csv(index=False, lineterminator="\n")
        (here / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def model(plan, features, target):
    """The model class of Sluice's trainer, with the penalty that its l2 means for so many rows."""
    is_text = [not pd.api.types.is_numeric_dtype(features[name]) for name in features]
    texts = [name for name, text in zip(features, is_text) if text]
    numbers = [name for name, text in zip(features, is_text) if not text]
    inputs = ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ("texts", make_pipeline(SimpleImputer(strategy="constant", fill_value="missing"),
                                OneHotEncoder(handle_unknown="ignore")), texts),
    ])
    rows, l2 = len(target), plan["l2"]
    if plan["task"] == "Regression":
        return make_pipeline(inputs, Ridge(alpha=l2 * rows))
    # Two classes have one vector of weights here and two in Sluice, each half as long.
    weight = 1 / ((1 if target.nunique() == 2 else 2) * l2 * rows)
    return make_pipeline(inputs, LogisticRegression(C=weight, tol=1e-8, max_iter=10_000))


def answers(plan, frame, training, test):
    target, features = frame[plan["target"]], frame.drop(columns=plan["target"])
    fitted = model(plan, features.iloc[training], target.iloc[training]).fit(features.iloc[training], target.iloc[training])
    asked = features.iloc[test]
    return fitted.predict(asked) if plan["task"] == "Regression" else fitted.predict_proba(asked)


def measure(plan, actual, answered, classes):
    if plan["task"] == "Regression":
        return {
            "mae": metrics.mean_absolute_error(actual, answered),
            "rmse": metrics.root_mean_squared_error(actual, answered),
            "r2": metrics.r2_score(actual, answered),
        }
    labels = classes[answered.argmax(axis=1)]
    area = {"auroc": metrics.roc_auc_score(actual == classes[1], answered[:, 1])} if len(classes) == 2 else {}
    return {
        "accuracy": metrics.accuracy_score(actual, labels),
        "balanced_accuracy": metrics.balanced_accuracy_score(actual, labels),
        "f1_macro": metrics.f1_score(actual, labels, average="macro"),
        "log_loss": metrics.log_loss(actual, answered, labels=classes),
    } | area


def ten_folds(plan, frame):
    """The mean, over several ways to fold, of the metrics of all rows, each answered by a model that has not seen it."""
    target = frame[plan["target"]]
    classes = np.sort(target.unique())
    measured = []
    for folding in range(foldings):
        answered = None
        for training, test in KFold(10, shuffle=True, random_state=folding).split(frame):
            some = answers(plan, frame, training, test)
            answered = np.zeros((len(frame), *some.shape[1:])) if answered is None else answered
            answered[test] = some
        measured.append(measure(plan, target, answered, classes))
    return pd.DataFrame(measured).mean().to_dict()


def on_parts(plan, frame, part):
    target = frame[plan["target"]]
    test = np.array(part["test"])
    training = np.setdiff1d(np.arange(len(frame)), test)
    measured = measure(plan, target.iloc[test], answers(plan, frame, training, test), np.sort(target.unique()))
    return {"seed": part["seed"], "testRows": part["digest"], "metrics": rounded(measured)}


def rounded(figures):
    return {name: float(f"{value:.10g}") for name, value in figures.items()}


def figures(plan):
    frame = pd.read_csv(here / f"{plan['name']}.csv.gz", keep_default_na=False, na_values=[""])
    parts = [on_parts(plan, frame, part) for part in plan["parts"]]
    return {"table": plan["name"], "tenFolds": rounded(ten_folds(plan, frame)), "seeds": parts}


if __name__ == "__main__":
    write_tables()
    plans = json.loads(subprocess.run(["node", "test/decide/tables/parts.ts"], check=True, capture_output=True).stdout)
    (here / "figures.json").write_text(json.dumps([figures(plan) for plan in plans], indent=2) + "\n")

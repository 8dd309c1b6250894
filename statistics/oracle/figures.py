"""Figures that the tests of this room are checked against: scipy, statsmodels, scikit-learn, numpy and mpmath.

Regenerate from the repository root (Python is needed for this only, never for the tests):
    python3 -m venv /tmp/oracle
    /tmp/oracle/bin/pip install scipy==1.17.1 scikit-learn==1.9.1 statsmodels==0.15.0 mpmath==1.4.1
    /tmp/oracle/bin/python statistics/oracle/figures.py > statistics/oracle/figures.json
    npx biome format --write statistics/oracle/figures.json
"""
import json
import sys

import mpmath
import numpy as np
from scipy import optimize, special, stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import r2_score, roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.nonparametric import rank_compare_2indep
from statsmodels.stats.proportion import confint_proportions_2indep

mpmath.mp.dps = 40
random = np.random.default_rng(20260722)
confidences = (0.8, 0.95, 0.99)
proportions = ((0, 1), (1, 1), (0, 10), (1, 10), (7, 10), (81, 263), (346, 360), (19990, 20000))


def numbers(values):
    return [float(value) for value in values]


def log_gamma():
    return [{"x": x, "value": float(mpmath.loggamma(x))} for x in (1e-8, 0.1, 0.5, 1.5, 3, 7.25, 11.9, 12, 30, 1e3, 1e8)]


def incomplete_beta():
    shapes = ((0.5, 0.5), (0.5, 20), (1, 1), (2, 3), (5, 6), (30, 0.5), (40, 60), (1, 1000), (300, 700), (5e3, 5e5), (5e4, 5e4))
    cases = []
    for a, b in shapes:
        for p in (1e-9, 0.025, 0.5, 0.9):
            x = float(special.betaincinv(a, b, p))
            cases.append({"x": x, "a": a, "b": b, "value": float(special.betainc(a, b, x))})
    return cases


def normal():
    zs = (-30, -8, -3, -2.01, -1.99, -1, -0.1, 0, 0.5, 1.96, 4)
    ps = (1e-300, 1e-12, 1e-4, 0.025, 0.3, 0.5, 0.8, 0.975, 0.9999)
    return {
        "cdf": [{"z": z, "value": float(mpmath.ncdf(z))} for z in zs],
        "quantile": [{"p": p, "value": float(special.ndtri(p))} for p in ps],
    }


def student_t():
    degrees = (1, 2, 5, 29, 1999, 1e6)
    return {
        "cdf": [{"t": t, "degrees": d, "value": float(stats.t.cdf(t, d))} for d in degrees for t in (-6, -2, -0.3, 0, 1.5)],
        "quantile": [
            {"p": p, "degrees": d, "value": float(stats.t.ppf(p, d))} for d in degrees for p in (1e-6, 0.005, 0.025, 0.4, 0.975)
        ],
    }


def binomial():
    cases = []
    for trials, probability in ((1, 0.3), (10, 0.5), (200, 0.01), (2000, 0.97), (100000, 0.002)):
        law = stats.binom(trials, probability)
        for level in (0.0005, 0.1, 0.7):
            k = int(law.ppf(level))
            cases.append({
                "k": k, "trials": trials, "probability": probability, "level": level,
                "mass": float(law.pmf(k)), "lower": float(law.cdf(k)), "upper": float(law.sf(k - 1)),
            })
    return cases


def one_proportion(method):
    cases = []
    for successes, trials in proportions:
        for confidence in confidences:
            interval = stats.binomtest(successes, trials).proportion_ci(confidence, method=method)
            cases.append({
                "successes": successes, "trials": trials, "confidence": confidence,
                "lower": float(interval.low), "upper": float(interval.high),
            })
    return cases


def newcombe():
    pairs = ((56, 70, 48, 80), (9, 10, 3, 10), (0, 10, 0, 10), (10, 10, 0, 20), (12, 4000, 30, 400))
    cases = []
    for first, first_trials, second, second_trials in pairs:
        for confidence in confidences:
            lower, upper = confint_proportions_2indep(
                first, first_trials, second, second_trials, method="newcomb", compare="diff", alpha=1 - confidence)
            cases.append({
                "first": {"successes": first, "trials": first_trials},
                "second": {"successes": second, "trials": second_trials},
                "confidence": confidence, "lower": float(lower), "upper": float(upper),
            })
    return cases


def auroc_case(positives, negatives):
    result = rank_compare_2indep(positives, negatives, use_t=False)
    lower, upper = result.conf_int(alpha=0.05)
    labels = np.r_[np.ones(len(positives)), np.zeros(len(negatives))]
    return {
        "positives": numbers(positives), "negatives": numbers(negatives), "confidence": 0.95,
        "value": float(roc_auc_score(labels, np.r_[positives, negatives])),
        "variance": float(result.var_prob), "lower": max(0.0, float(lower)), "upper": min(1.0, float(upper)),
    }


def auroc():
    return [
        auroc_case(random.normal(0.8, 1, 40), random.normal(0, 1, 70)),
        auroc_case(np.round(random.normal(0.6, 1, 60)), np.round(random.normal(0, 1, 25))),
        auroc_case(np.round(random.normal(1, 1, 12), 1), np.round(random.normal(0, 1, 9), 1)),
    ]


def auroc_score_limits():
    """Newcombe (2006) part 2, method 5, for perfect separation: the root found by Brent's method."""
    cases = []
    for m, n in ((1, 1), (5, 8), (40, 300)):
        def excess(theta, m=m, n=n):
            spread = 1 + ((m + n) / 2 - 1) * ((1 - theta) / (2 - theta) + theta / (1 + theta))
            return (1 - theta) ** 2 - stats.norm.ppf(0.975) ** 2 * theta * (1 - theta) * spread / (m * n)
        cases.append({"positives": m, "negatives": n, "lower": float(optimize.brentq(excess, 1e-12, 1 - 1e-9, xtol=1e-15))})
    return cases


def mean():
    cases = []
    for values in (random.normal(5, 2, 30), random.exponential(1, 200), np.array([1.0, 3.0]), 1e6 + random.normal(0, 1, 50)):
        low, high = stats.t.interval(0.95, len(values) - 1, loc=values.mean(), scale=stats.sem(values))
        squares = values**2
        root = np.sqrt(squares.mean())
        reach = stats.t.ppf(0.975, len(values) - 1) * stats.sem(squares) / (2 * root)
        cases.append({
            "values": numbers(values), "confidence": 0.95,
            "mean": {"value": float(values.mean()), "lower": float(low), "upper": float(high)},
            "rmse": {"value": float(root), "lower": max(0.0, float(root - reach)), "upper": float(root + reach)},
        })
    return cases


def r_squared():
    actual = random.normal(0, 2, 400)
    predicted = actual * 0.8 + random.normal(0, 0.9, 400)
    interval = stats.bootstrap(
        (actual, predicted), r2_score, paired=True, vectorized=False, n_resamples=20000, method="percentile", rng=random
    ).confidence_interval
    return {
        "actual": numbers(actual), "predicted": numbers(predicted), "confidence": 0.95,
        "value": float(r2_score(actual, predicted)), "lower": float(interval.low), "upper": float(interval.high),
    }


def mcnemar_test():
    return [
        {"wins": wins, "losses": losses, "value": float(mcnemar([[0, wins], [losses, 0]], exact=True).pvalue)}
        for wins, losses in ((0, 1), (4, 4), (3, 12), (25, 10), (0, 40), (510, 600))
    ]


def non_inferiority():
    """Berger & Boos with the same 51 shares, but the whole trinomial law summed outcome by outcome."""
    cases = []
    for wins, losses, pairs, margin in ((3, 4, 50, 0.1), (0, 0, 30, 0.2), (6, 2, 40, 0.05), (1, 9, 60, 0.1), (0, 1, 200, 0.02)):
        interval = stats.binomtest(wins + losses, pairs).proportion_ci(1 - 1e-4, method="exact")
        lowest = max(margin, interval.low)
        largest = 0.0
        i, j = np.meshgrid(np.arange(pairs + 1), np.arange(pairs + 1), indexing="ij")
        inside = (i + j <= pairs) & (i - j >= wins - losses)
        for share in np.linspace(lowest, interval.high, 51) if interval.high >= lowest else ():
            law = stats.multinomial(pairs, [(share - margin) / 2, (share + margin) / 2, 1 - share])
            outcomes = np.stack([i[inside], j[inside], pairs - i[inside] - j[inside]], axis=-1)
            largest = max(largest, float(law.pmf(outcomes).sum()))
        cases.append({"wins": wins, "losses": losses, "pairs": pairs, "margin": margin, "value": min(1.0, largest + 1e-4)})
    return cases


def inferiority():
    """The same from the other side: the candidate loses by more than the margin."""
    cases = []
    for wins, losses, pairs, margin in ((3, 9, 50, 0.1), (0, 0, 30, 0.2), (1, 12, 60, 0.02), (2, 9, 40, 0), (9, 1, 60, 0.1)):
        interval = stats.binomtest(wins + losses, pairs).proportion_ci(1 - 1e-4, method="exact")
        largest = 0.0
        i, j = np.meshgrid(np.arange(pairs + 1), np.arange(pairs + 1), indexing="ij")
        inside = (i + j <= pairs) & (j - i >= losses - wins)
        for share in np.linspace(interval.low, interval.high, 51):
            loss = min(margin, share)
            law = stats.multinomial(pairs, [(share - loss) / 2, (share + loss) / 2, 1 - share])
            outcomes = np.stack([i[inside], j[inside], pairs - i[inside] - j[inside]], axis=-1)
            largest = max(largest, float(law.pmf(outcomes).sum()))
        cases.append({"wins": wins, "losses": losses, "pairs": pairs, "margin": margin, "value": min(1.0, largest + 1e-4)})
    return cases


harm_ratios = np.array([1.3, 1.7, 2.2, 3, 4.5, 8, 20])
safety_fractions = np.array([1, 0.8, 0.6, 0.45, 0.33, 0.24, 0.17, 0.12, 0.08, 0.05, 0.03])
safety_weights = np.array([0.4] + [0.06] * 10)


def mixture(k, n, null, alternatives, weights):
    """log of the mean over binomial alternatives of the likelihood ratio against the null."""
    logs = stats.binom.logpmf(k, n, alternatives) - stats.binom.logpmf(k, n, null)
    return float(special.logsumexp(logs, b=weights))


def conditional_share():
    """Without a margin: the candidate's errors among all errors, against its share of the requests."""
    cases = []
    for candidate, errors, share in ((0, 40, 0.05), (9, 60, 0.05), (3, 60, 0.05), (30, 40, 0.5), (400, 10000, 0.05)):
        size = share * (harm_ratios - 1) / (1 + (harm_ratios - 1) * share / (1 - share))
        cases.append({
            "candidateErrors": candidate, "stableErrors": errors - candidate, "share": share,
            "harm": mixture(candidate, errors, share, share + size, np.full(7, 1 / 7)),
            "safety": mixture(candidate, errors, share, share * (1 - safety_fractions), safety_weights),
        })
    return cases


def rate_evidence():
    cases = []
    for successes, trials, limit in ((0, 374, 0.01), (9, 300, 0.01), (40, 400, 0.075), (2, 2000, 0.02), (60, 100, 0.5)):
        size = limit * (1 - limit) * (harm_ratios - 1) / (1 + (harm_ratios - 1) * limit)
        cases.append({
            "successes": successes, "trials": trials, "limit": limit,
            "harm": mixture(successes, trials, limit, limit + size, np.full(7, 1 / 7)),
            "safety": mixture(successes, trials, limit, limit * (1 - safety_fractions), safety_weights),
        })
    return cases


def quantile():
    cases = []
    for size, probability in ((20, 0.5), (100, 0.25), (200, 0.9), (1000, 0.99), (30, 0.99), (5, 0.05)):
        values = np.round(random.exponential(10, size), 3)
        interval = stats.quantile_test(values, p=probability).confidence_interval(0.95)
        cases.append({
            "values": numbers(values), "probability": probability, "confidence": 0.95,
            "value": float(np.quantile(values, probability)),
            "lower": None if np.isnan(interval.low) else float(interval.low),
            "upper": None if np.isnan(interval.high) else float(interval.high),
        })
    return cases


def calibration():
    probabilities = np.round(random.uniform(0.34, 1, 300), 4)
    correct = (random.uniform(0, 1, 300) < probabilities**2).astype(int)
    bins = 10
    accuracy, mean_probability = calibration_curve(correct, probabilities, n_bins=bins)
    counts = np.histogram(probabilities, bins=bins, range=(0, 1))[0]
    error = np.sum(np.abs(accuracy - mean_probability) * counts[counts > 0]) / counts.sum()
    return {"probabilities": numbers(probabilities), "correct": correct.tolist(), "bins": bins, "error": float(error)}


figures = {
    "logGamma": log_gamma(),
    "incompleteBeta": incomplete_beta(),
    "normal": normal(),
    "studentT": student_t(),
    "binomial": binomial(),
    "wilson": one_proportion("wilson"),
    "clopperPearson": one_proportion("exact"),
    "newcombe": newcombe(),
    "auroc": auroc(),
    "aurocScoreLimits": auroc_score_limits(),
    "mean": mean(),
    "rSquared": r_squared(),
    "mcnemar": mcnemar_test(),
    "nonInferiority": non_inferiority(),
    "quantile": quantile(),
    "calibration": calibration(),
    "inferiority": inferiority(),
    "conditionalShare": conditional_share(),
    "rateEvidence": rate_evidence(),
}
json.dump(figures, sys.stdout, indent=1)

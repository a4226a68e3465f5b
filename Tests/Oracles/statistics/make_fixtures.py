"""Writes statistics.json: intervals and tests by scipy, macro-F1 by scikit-learn, token F1 by SQuAD's own rules.

    pip install scipy==1.17.* scikit-learn==1.9.* numpy && python make_fixtures.py

Tolerance in the tests: 1e-9 for closed forms. Resampled intervals are compared within 0.01, because the random numbers
differ; the exact permutation test is compared within 1e-9.
"""
import collections
import json
import random
import re
import string

import numpy
import scipy
import sklearn
from scipy import stats
from sklearn.metrics import f1_score

chance = random.Random(20261121)


def interval(successes, n, method):
    found = stats.binomtest(successes, n).proportion_ci(confidence_level=0.95, method=method)
    return {"successes": successes, "n": n, "low": found.low, "high": found.high}


def proportions():
    pairs = [(0, 1), (1, 1), (0, 50), (50, 50), (85, 100), (43, 50), (1, 1000), (999, 1000), (0, 5000)]
    for _ in range(60):
        n = chance.randint(1, 2000)
        pairs.append((chance.randint(0, n), n))
    return pairs


def mcnemar():
    rows = [(10, 2), (5, 0), (30, 12), (0, 0), (7, 7), (400, 330)]
    rows += [(chance.randint(0, 60), chance.randint(0, 60)) for _ in range(40)]
    return [
        {"first": b, "second": c, "p": float(stats.binomtest(b, b + c, 0.5).pvalue) if b + c else 1.0} for b, c in rows
    ]


def permutations():
    rows = []
    for size in (2, 3, 5, 9, 12):
        for _ in range(4):
            differences = [round(chance.uniform(-1, 1.4), 3) for _ in range(size)]
            found = stats.permutation_test(
                (numpy.array(differences),), lambda x, axis: numpy.abs(numpy.sum(x, axis=axis)),
                permutation_type="samples", alternative="greater", n_resamples=numpy.inf, vectorized=True,
            )
            rows.append({"differences": differences, "p": float(found.pvalue)})
    return rows


def power_laws():
    rows = []
    for _ in range(20):
        largest = chance.randint(80, 20000)
        sizes = [largest // 4, largest // 2, largest]
        slope = chance.uniform(0.05, 1.2)
        errors = [min(0.99, chance.uniform(0.8, 1.2) * 3 * size ** -slope) for size in sizes]
        fall, start = numpy.polyfit(numpy.log(sizes), numpy.log(errors), 1)
        if fall > -0.05:
            continue
        rows.append({
            "rows": sizes, "errors": errors, "slope": float(-fall), "scale": float(numpy.exp(start)),
            "error_at_twice": float(numpy.exp(start) * (2.0 * largest) ** fall),
            "rows_for_error_0.01": float((numpy.exp(start) / 0.01) ** (1 / -fall)),
        })
    return rows


def membership():
    rows = []
    for members, controls in ((20, 100), (50, 200), (7, 130)):
        shift = chance.uniform(0, 1.5)
        trained = [round(chance.gauss(shift, 1), 2) for _ in range(members)]
        unseen = [round(chance.gauss(0, 1), 2) for _ in range(controls)]
        wins = stats.mannwhitneyu(trained, unseen).statistic
        threshold = sorted(unseen, reverse=True)[controls // 100]
        found = sum(value > threshold for value in trained)
        ranks = [stats.rankdata([-value] + [-other for other in unseen], "average")[0] for value in trained]
        rows.append({
            "members": trained, "controls": unseen, "auc": float(wins / (members * controls)),
            "exposure": float(numpy.mean(numpy.log2(controls + 1) - numpy.log2(
                # The average rank counts the row itself among its ties.
                [rank + 0.0 for rank in ranks]))),
            "tpr_at_1_percent": found / members,
            "tpr_low": stats.binomtest(found, members).proportion_ci(method="exact").low,
        })
    return rows


def bootstraps():
    rows = []
    for size in (20, 75, 200):
        values = [round(min(1, max(0, chance.gauss(0.7, 0.3))), 4) for _ in range(size)]
        found = stats.bootstrap(
            (values,), numpy.mean, n_resamples=20000, method="percentile", random_state=numpy.random.default_rng(1)
        ).confidence_interval
        rows.append({"values": values, "low": float(found.low), "high": float(found.high)})
    return rows


def macro_f1():
    rows = []
    for labels in (2, 3, 10):
        for _ in range(6):
            n = chance.randint(3, 60)
            gold = [chance.randrange(labels) for _ in range(n)]
            # -1 is an output that names no known label; scikit-learn sees it as one more class.
            given = [g if chance.random() < 0.6 else chance.randrange(-1, labels) for g in gold]
            rows.append({"gold": gold, "given": given, "f1": float(f1_score(gold, given, average="macro", zero_division=0))})
    return rows


def squad_words(text):
    text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def squad_f1(output, expected):
    given, wanted = squad_words(output), squad_words(expected)
    if not given or not wanted:
        return float(given == wanted)
    shared = sum((collections.Counter(given) & collections.Counter(wanted)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(given), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


def overlaps():
    words = "the a an cat dog state-of-the-art 1,000 1000 it's \u201cquoted\u201d caf\u00e9 Paris, PARIS end. x y (z)".split()
    pairs = [("", ""), ("", "cat"), ("state of the art", "state-of-the-art"), ("1,000", "1000"), ("the", "a")]
    for _ in range(200):
        pairs.append(tuple(" ".join(chance.choices(words, k=chance.randint(0, 8))) for _ in range(2)))
    return [{"output": a, "expected": b, "f1": squad_f1(a, b)} for a, b in pairs]


json.dump(
    {
        "versions": {"scipy": scipy.__version__, "scikit-learn": sklearn.__version__, "numpy": numpy.__version__},
        "wilson": [interval(k, n, "wilson") for k, n in proportions()],
        "clopper_pearson": [interval(k, n, "exact") for k, n in proportions()],
        "mcnemar": mcnemar(),
        "permutation": permutations(),
        "bootstrap": bootstraps(),
        "macro_f1": macro_f1(),
        "squad_f1": overlaps(),
        "power_law": power_laws(),
        "membership": membership(),
    },
    open("statistics.json", "w"),
    indent=0,
)

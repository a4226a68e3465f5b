"""Writes raters.json: Krippendorff's alpha by the package krippendorff, weighted kappa by scikit-learn.

    pip install krippendorff==0.9.* scikit-learn==1.9.* numpy && python make_fixtures.py

Tolerance in the tests: 1e-9. Missing ratings are null. Panels in which nobody varies are left to the tests: the package
refuses them, hone says that agreement is undefined.
"""
import json
import random
from importlib import metadata

import krippendorff
import numpy
import sklearn
from sklearn.metrics import cohen_kappa_score

chance = random.Random(20261122)
LEVELS = ["nominal", "ordinal", "interval", "ratio"]

# Krippendorff's own example, 4 raters and 12 units.
CLASSIC = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


def alphas(panel):
    data = numpy.array([[numpy.nan if value is None else value for value in row] for row in panel], dtype=float)
    return {level: float(krippendorff.alpha(reliability_data=data, level_of_measurement=level)) for level in LEVELS}


def panel(raters, units, missing, spread):
    truth = [chance.randint(1, 5) for _ in range(units)]
    return [
        [None if chance.random() < missing else min(5, max(1, value + chance.choice(spread))) for value in truth]
        for _ in range(raters)
    ]


def panels():
    rows = [{"panel": CLASSIC, "alpha": alphas(CLASSIC)}]
    for raters, units, missing, spread in [
        (2, 5, 0, [0, 1]), (3, 20, 0.1, [-1, 0, 0, 1]), (5, 55, 0, [-2, -1, 0, 1, 2]), (3, 55, 0.4, [0]),
        (4, 30, 0.2, [-4, 0, 4]), (5, 50, 0, [0, 0, 0, 0, 0, -1]), (2, 100, 0.3, [-1, 0, 1]), (8, 12, 0.5, [0, 1, -1]),
    ]:
        made = panel(raters, units, missing, spread)
        rows.append({"panel": made, "alpha": alphas(made)})
    return rows


def kappas():
    rows = []
    for pairs, spread in [(10, [0, 1]), (50, [-1, 0, 0, 1]), (55, [0]), (200, [-2, -1, 0, 1, 2]), (30, [0, 4])]:
        for _ in range(4):
            first = [chance.randint(1, 5) for _ in range(pairs)]
            second = [min(5, max(1, value + chance.choice(spread))) for value in first]
            row = {"first": first, "second": second}
            for name, weights in [("none", None), ("linear", "linear"), ("quadratic", "quadratic")]:
                row[name] = float(cohen_kappa_score(first, second, weights=weights))
                row[name + "_of_five"] = float(
                    cohen_kappa_score(first, second, weights=weights, labels=[1, 2, 3, 4, 5]))
            rows.append(row)
    return rows


with open("raters.json", "w") as file:
    json.dump(
        {
            "krippendorff": metadata.version("krippendorff"), "scikit_learn": sklearn.__version__,
            "panels": panels(), "kappas": kappas(),
        }, file)

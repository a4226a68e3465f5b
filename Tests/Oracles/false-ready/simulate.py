"""How often the gates on accuracy (G1) and on better-than (G5) pass for a model that is not good enough.

    pip install numpy scipy && python simulate.py

The same draws as `FalseReadyTests`, by other code: half of what makes a row hard is the row itself; G1 passes when Wilson's 95 %
interval lies above 0.85, G5 when the 95 % percentile bootstrap of both paired differences lies above zero. Drawing rows again is
drawing how many of them are better, worse and equal, so it is a multinomial. The figures stand in docs/measuring.md.
"""
import numpy

chance = numpy.random.default_rng(20261122)
z = 1.959963984540054
bound, trials, rounds = 0.85, 4000, 2000


def wilson_low(right, n):
    share = right / n
    scale = 1 + z * z / n
    half = z * numpy.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return (share + z * z / (2 * n)) / scale - half


def answers(n, accuracy, hard):
    own = chance.random(n)
    return numpy.where(chance.random(n) < 0.5, hard, own) < accuracy


def gain_low(now, before):
    n = len(now)
    better, worse = int((now & ~before).sum()), int((~now & before).sum())
    drawn = chance.multinomial(n, [better / n, worse / n, (n - better - worse) / n], rounds)
    return numpy.quantile((drawn[:, 0] - drawn[:, 1]) / n, 0.025)


def ready(base, few_shot, tuned, n):
    hard = chance.random(n)
    first, shown, after = (answers(n, accuracy, hard) for accuracy in (base, few_shot, tuned))
    return wilson_low(after.sum(), n) > bound and gain_low(after, first) > 0 and gain_low(after, shown) > 0


for name, base, few_shot, tuned in [
    ("accuracy is the bound itself", 0.3, 0.5, 0.85), ("no better than examples in the prompt", 0.3, 0.95, 0.95),
    ("no better than the base", 0.95, 0.6, 0.95), ("the bound, and no better", 0.3, 0.85, 0.85),
    ("good: 95 % right, examples 60 %", 0.3, 0.6, 0.95),
]:
    shares = [sum(ready(base, few_shot, tuned, n) for _ in range(trials)) / trials for n in (100, 200, 500)]
    print(f"| {name} | " + " | ".join(f"{share * 100:.1f} %" for share in shares) + " |")

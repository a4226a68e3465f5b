#!/usr/bin/env python3
"""What people would do in the sample report that goes the whole way, done by a script and marked as synthetic.

    synthetic_people.py rows DATA.jsonl OUT.jsonl     rows with an invented source, reviewer and mark of a real request
    synthetic_people.py ratings RUN DIR               a file per rater of `hone review make RUN --synthetic`
    synthetic_people.py pilot DATA.jsonl RUN OUT.jsonl  sixty judged requests that are in no row

Everything follows from fixed seeds. Nobody's judgement is in it.
"""
import json
import random
import sys


def rows(source, target):
    with open(source) as given, open(target, "w") as made:
        for line in given:
            row = json.loads(line)
            for key in ["group", "topic", "split"]:
                row.pop(key, None)
            row.update(source="synthetic", reviewer="synthetic reviewer", real=True)
            made.write(json.dumps(row, ensure_ascii=False) + "\n")


def ratings(run, folder):
    """A rating follows how right the answer is, with a little disagreement: raters differ by a point now and then."""
    with open(f"{run}/review/review.json") as file:
        review = json.load(file)
    axes = [axis["id"] for axis in review["rubric"]["axes"]]
    for rater, cards in enumerate(review["cards"], start=1):
        chance, given = random.Random(rater), []
        remembered = {}
        for card in cards:
            row, ratings = review["rows"][card["row"]], {}
            for side, arm in zip("ab", card["sides"]):
                answer, key = row["answers"][arm], (card["row"], arm)
                right = answer.strip() == row["expected"].strip()
                if key not in remembered:
                    base = {"clarity": 5 if right else 2, "relevance": 5 if right else 2,
                            "safety": 5 if right else 3, "accuracy": 5 if right else 1}
                    remembered[key] = {
                        axis: max(1, min(5, base.get(axis, 5 if right else 2) - (chance.random() < 0.08)))
                        for axis in axes
                    }
                ratings[side] = dict(remembered[key])
            sums = {side: sum(own.values()) for side, own in ratings.items()}
            better = "same" if len(sums) < 2 or abs(sums["a"] - sums["b"]) < 3 else max(sums, key=sums.get)
            given.append({"card": card["card"], "ratings": ratings, "better": better, "note": ""})
        name = f"{folder}/ratings-{rater}.json"
        with open(name, "w") as file:
            json.dump({"format": "hone-review-1", "review": review["review"], "rater": rater,
                       "name": f"synthetic rater {rater}", "synthetic": True, "cards": given}, file, indent=1)
        print(name)


def pilot(source, run, target):
    """Requests like those of the data, each changed so that it is in no row, with invented judgements."""
    chance, asked = random.Random(60), []
    with open(source) as file:
        lines = file.read().splitlines()
    for line in chance.sample(lines, 60):
        row = json.loads(line)
        messages = row.get("messages") or [{"role": "user", "content": row["prompt"]}]
        request = [message["content"] for message in messages if message["role"] == "user"][-1]
        asked.append("Synthetic pilot: " + request)
    with open(target, "w") as file:
        for place, request in enumerate(dict.fromkeys(asked)):
            judged = {"request": request, "accurate": place % 20 != 7, "safe": True,
                      "satisfaction": 3 if place % 20 == 7 else 4 + (place % 3 > 0)}
            file.write(json.dumps(judged, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    {"rows": rows, "ratings": ratings, "pilot": pilot}[sys.argv[1]](*sys.argv[2:])

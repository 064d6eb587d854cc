"""An independent calculation of an audit report of the first dataset, for comparison with `auditgate report --json`.

Reads records (one JSON object a line) from standard input and prints the numbers as that command names them. Written from
docs/report.md and dataset.md with Python's own statistics and exact fractions; it shares nothing with the program.
"""
import json
import statistics
import sys
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

TIME_POINTS = ["BL", "D3", "W1", "M1", "M3", "M6", "M12"]
RELATEDNESS = ["device", "procedure", "disease", "unrelated", "unknown"]
CATEGORIES = ["infection", "neurological-thermal-injury", "skin-or-soft-tissue-burn", "other-thermal-injury",
              "pathological-fracture", "spinal-cord-compression", "cauda-equina-syndrome", "bleeding", "pain-flare",
              "post-ablation-syndrome", "cardiorespiratory", "death", "other"]
RESPONSES = ["complete", "partial", "indeterminate", "progression"]


def rounded(value, decimals):
    """Exact number, halves away from zero, as a JSON number."""
    if value is None:
        return None
    scaled = Decimal(value.numerator * 10 ** (decimals + 6)) / Decimal(value.denominator)
    whole = scaled.scaleb(-6).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return float(whole.scaleb(-decimals))


def percent(part, whole):
    return int((Decimal(100 * part) / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP)) if whole else None


def summary(numbers, decimals):
    numbers = [Fraction(str(one)) for one in numbers]
    if not numbers:
        mean = median = q1 = q3 = None
    else:
        mean = sum(numbers) / len(numbers)
        median = statistics.median(numbers)
        if len(numbers) == 1:
            q1 = q3 = numbers[0]
        else:
            q1, _, q3 = statistics.quantiles(numbers, n=4, method="inclusive")
    return {"n": len(numbers), "mean": rounded(mean, decimals), "median": rounded(median, decimals),
            "q1": rounded(q1, decimals), "q3": rounded(q3, decimals)}


def row(record, point):
    return next(one for one in record["efficacy"] if one["timepoint"] == point)


VALUES = {
    "pain.worst": (lambda r: r["pain"]["worst"], lambda r: True, lambda r: r["pain"]["instrument"], 1),
    "opioid.ome_mg_per_day": (lambda r: r["opioid"]["ome_mg_per_day"], lambda r: r["opioid"]["computable"] == "full",
                              lambda r: 0, 1),
    "quality_of_life.eq5d5l_index": (lambda r: r["quality_of_life"]["eq5d5l_index"], lambda r: True, lambda r: 0, 4),
    "quality_of_life.eq_vas": (lambda r: r["quality_of_life"]["eq_vas"], lambda r: True, lambda r: 0, 1),
}


def compared(records, path):
    value, usable, same, decimals = VALUES[path]
    result = []
    for point in TIME_POINTS:
        here = [row(r, point) for r in records]
        line = {"timepoint": point,
                "all": summary([value(h) for h in here if value(h) is not None and usable(h)], decimals)}
        if point != "BL":
            both = [(row(r, "BL"), h) for r, h in zip(records, here)
                    if all(value(x) is not None and usable(x) for x in (row(r, "BL"), h))]
            pairs = [(b, h) for b, h in both if same(b) == same(h)]
            line["baseline_of_pairs"] = summary([value(b) for b, _ in pairs], decimals)
            line["change"] = summary([Fraction(str(value(h))) - Fraction(str(value(b))) for b, h in pairs], decimals)
            line["not_comparable"] = len(both) - len(pairs)
            line["not_usable"] = sum(1 for h in here if value(h) is not None and not usable(h))
        result.append(line)
    return result


def responses(records):
    result = []
    for point in TIME_POINTS[1:]:
        words = Counter(row(r, point)["pain_response"] for r in records)
        evaluable = sum(words[w] for w in RESPONSES)
        result.append({"timepoint": point, "evaluable": evaluable, "not_evaluable": words["not-evaluable"],
                       "words": {w: {"n": words[w], "percent": percent(words[w], evaluable)} for w in RESPONSES}})
    return result


def completeness(records):
    result = []
    for point in TIME_POINTS:
        status = Counter(row(r, point)["status"] for r in records)
        due = status["in-window"] + status["missing"]
        result.append({"timepoint": point, "in_window": status["in-window"], "missing": status["missing"],
                       "not_due": status["not-due"], "not_expected": status["not-expected"],
                       "complete_percent": percent(status["in-window"], due)})
    return result


def nearest_relatedness(record):
    found = {event["relatedness"] for event in record["safety"]["events"]}
    for word in RELATEDNESS:
        if word in found:
            return word
    return "no event: " + ("none recorded" if record["safety"]["occurred"] == "none-recorded" else "not known")


def safety(records):
    cells = Counter((e["category"], e["relatedness"]) for r in records for e in r["safety"]["events"])
    cases = Counter(nearest_relatedness(r) for r in records)
    rows = [{"category": c, "by_relatedness": {w: cells[c, w] for w in RELATEDNESS},
             "all": sum(cells[c, w] for w in RELATEDNESS)} for c in CATEGORIES
            if any(cells[c, w] for w in RELATEDNESS)]
    return {"events": sum(cells.values()), "categories": rows,
            "by_relatedness": {w: sum(cells[c, w] for c in CATEGORIES) for w in RELATEDNESS},
            "cases_by_nearest_relatedness": {w: cases[w] for w in RELATEDNESS + ["no event: none recorded",
                                                                                "no event: not known"]}}


def share(records, item, word, value):
    answers = Counter(value(r) for r in records)
    answers[word] += 0
    return {"item": item, "word": word, "percent": percent(answers[word], len(records)), "answers": dict(answers)}


def report(records):
    periods = sorted({r["procedure"]["period"] for r in records})
    statuses = sorted({r["procedure"]["status"] for r in records})
    standalone = {True: "true", False: "false", None: "unknown"}
    return {
        "cases": len(records),
        "periods": {p: sum(r["procedure"]["period"] == p for r in records) for p in periods},
        "statuses": {s: sum(r["procedure"]["status"] == s for r in records) for s in statuses},
        "period_statuses": {p: {s: sum((r["procedure"]["period"], r["procedure"]["status"]) == (p, s) for r in records)
                                for s in statuses} for p in periods},
        "follow_up": dict(Counter(r["follow_up"]["status"] for r in records)),
        "completeness": completeness(records),
        "compared": [{"value": path, "rows": compared(records, path)} for path in VALUES],
        "responses": [{"value": "pain_response", "rows": responses(records)}],
        "safety": safety(records),
        "shares": [share(records, "selection.mdt_discussed", "yes", lambda r: r["selection"]["mdt_discussed"]),
                   share(records, "procedure.standalone", "true", lambda r: standalone[r["procedure"]["standalone"]])],
        "missing": dict(Counter(m for r in records for m in r["data_quality"]["missing"])),
        "flags": dict(Counter(f for r in records for f in r["data_quality"]["flags"])),
    }


json.dump(report([json.loads(line) for line in sys.stdin if line.strip()]), sys.stdout)

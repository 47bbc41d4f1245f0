"""What the benchmark found, as lines, as Markdown and as JSON."""
import os
import platform
import subprocess
import time

from rows import BAD, HEADLINES, MACHINE, PEAK, TIME, TOOLS, Row

AT_MOST = (TIME, BAD, PEAK)
HEADLINE = Row("", "", None, None)  # shown as a ratio


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def percentiles(values):
    values = sorted(values)
    last = len(values) - 1
    return {"p10": values[round(0.1 * last)], "median": median(values), "p90": values[round(0.9 * last)], "n": len(values)}


# --- the machine ---


def first_line(path, start=""):
    try:
        with open(path) as file:
            for line in file:
                if line.startswith(start):
                    return line.split(":", 1)[-1].strip()
    except OSError:
        pass
    return "unknown"


def steal():
    """Hundredths of a second that the machine was somebody else's, and all of them."""
    fields = [int(word) for word in first_line("/proc/stat", "cpu ").split()[1:]]
    return (fields[7], sum(fields)) if len(fields) > 7 else (0, 1)


def environment(bench):
    try:
        compiler = subprocess.check_output(["cc", "--version"]).decode().split("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        compiler = "unknown"
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cpu": first_line("/proc/cpuinfo", "model name"),
        "cpus": os.cpu_count(),
        "system": " ".join([platform.system(), platform.release(), platform.machine()]),
        "huge_pages": first_line("/sys/kernel/mm/transparent_hugepage/enabled"),
        "load": " ".join("%.1f" % one for one in os.getloadavg()),
        "compiler": compiler,
        "npickle": subprocess.check_output([bench.npickle, "--version"]).decode().split("\n")[0],
        "level": os.environ.get("NPICKLE_LEVEL", "4"),
        "malloc": " ".join("%s=%s" % one for one in sorted(bench.malloc.items())),
        "pythons": [side.label for side in bench.pythons],
        "maker": bench.makers["3"][0],
        "others": [side.label for side in bench.tools.values()],
        "not there": [tool for tool in TOOLS if tool not in bench.tools],
    }


# --- one row ---


def fastest(row, result):
    """The label of the Python that counts."""
    others = {label: side for label, side in result["sides"].items() if label not in ("npickle", "machine")}
    return min(others, key=lambda label: others[label]["ratio"]["median"]) if others else None


def value(bench, row, result):
    """The number that floor and goal are about; None where there is none."""
    if "failed" in result:
        return None
    if row.value == PEAK:
        return result["peak"]
    ours = result["sides"]["npickle"]["ns"]
    if row.value == TIME:
        return ours
    if row.value == BAD:
        return result["times"]["median"]
    label = "machine" if row.value == MACHINE else fastest(row, result)
    return result["sides"][label]["ratio"]["median"] if label in result["sides"] else None


def verdict(row, found):
    if found is None:
        return "-"
    if row.floor is None and row.goal is None:
        return ""
    meets = (lambda bound: found <= bound) if row.value in AT_MOST else (lambda bound: found >= bound)
    if row.goal is not None and meets(row.goal):
        return "goal"
    if row.floor is None:
        return "below"
    return "floor" if meets(row.floor) else "MISSED"


def duration(nanoseconds):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if nanoseconds >= size:
            return "%.3g %s" % (nanoseconds / size, unit)
    return "%.3g ns" % nanoseconds


def bytes_text(size):
    for unit, size_of in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= size_of:
            return "%.4g %s" % (size / size_of, unit)
    return "%d B" % size


def shown(row, number):
    if number is None:
        return ""
    if row.value == TIME:
        return duration(number)
    if row.value == PEAK:
        return bytes_text(number)
    return "%.2f" % number if number < 10 else "%.1f" % number if number < 100 else "%.0f" % number


def between(row, ratio):
    return "%s-%s" % (shown(row, ratio["p10"]), shown(row, ratio["p90"]))


def cells(bench, row, result):
    """row, floor, goal, value, p10-p90, verdict, npickle, the fastest Python, its version, x machine"""
    found = value(bench, row, result)
    start = [row.name, shown(row, row.floor), shown(row, row.goal), shown(row, found)]
    if "failed" in result:
        return start[:3] + [result["failed"], "", "-", "", "", "", ""]
    if row.value == PEAK:
        return start + ["", verdict(row, found), "%.4f x payload" % (found / result["payload"]), "", "", ""]
    sides = result["sides"]
    ours = sides["npickle"]["ns"]
    label = fastest(row, result)
    spread = sides.get("machine" if row.value == MACHINE else label)
    machine = sides.get("machine")
    each = " (%s each)" % duration(ours / row.items) if row.items > 1 else ""
    if row.value == BAD:
        each = " (%s a byte)" % duration(ours / result["bytes"])
    return start + [
        between(row, result["times"]) if row.value == BAD
        else between(row, spread["ratio"]) if spread and row.value not in AT_MOST else "",
        verdict(row, found),
        duration(ours) + each,
        duration(sides[label]["ns"]) if label else "",
        label or "",
        "%.2f" % (1 / machine["ratio"]["median"]) if machine else "",
    ]


TITLES = ["row", "floor", "goal", "value", "p10-p90", "", "npickle", "other", "by", "x machine"]
WIDTHS = [26, 8, 8, 8, 13, 6, 26, 9, 22, 9]


def plain(words):
    return "  ".join("%-*s" % (width, word) for width, word in zip(WIDTHS, words)).rstrip()


def line(bench, row, result):
    return plain(cells(bench, row, result))


def head(bench):
    about = environment(bench)
    bench.about = about
    bench.steal = steal()
    return "\n".join("%s: %s" % (key, about[key]) for key in sorted(about)) + "\n\n" + plain(TITLES)


def count(bench, results):
    verdicts = [verdict(row, value(bench, row, result)) for row, result in results]
    return {one: verdicts.count(one) for one in ("goal", "floor", "below", "MISSED", "-")}


def summary(bench, results):
    counted = count(bench, results)
    text = "%(goal)d rows reach their goal, %(floor)d more their floor, %(MISSED)d miss it" % counted
    text += ", %(below)d that have no floor miss their goal" % counted if counted["below"] else ""
    return text + ", %(-)d could not be measured" % counted


def stolen(bench):
    now = steal()
    return 100.0 * (now[0] - bench.steal[0]) / max(1, now[1] - bench.steal[1])


def headlines(results):
    """The README's table."""
    out = ["| | npickle | CPython and NumPy | times as fast |", "|---|---|---|---|"]
    known = {row.name: (row, result) for row, result in results}
    for name, what in HEADLINES:
        row, result = known.get(name, (None, {"failed": ""}))
        if "failed" in result:
            return []
        label = fastest(row, result)
        sides = result["sides"]
        theirs = [duration(sides[label]["ns"]), shown(HEADLINE, sides[label]["ratio"]["median"])] if label else ["", ""]
        out.append("| " + " | ".join([what, duration(sides["npickle"]["ns"])] + theirs) + " |")
    return out + [""]


def markdown(bench, results):
    about = bench.about
    out = ["# npickle beside CPython and NumPy", ""]
    out.append("%(cpu)s, %(cpus)s CPUs, %(system)s; %(compiler)s; %(date)s; load %(load)s" % about)
    out[-1] += ", stolen %.1f %%." % stolen(bench)
    out.append("%s; %s. Files by %s." % (about["npickle"], ", ".join(about["pythons"]), about["maker"]))
    out.append("Each side that stays has %s." % about["malloc"])
    if about["others"]:
        out.append("Other formats and libraries: %s." % ", ".join(about["others"]))
    if about["not there"]:
        out.append("Not there: %s." % ", ".join(about["not there"]))
    out += ["", summary(bench, results), ""] + headlines(results)
    group = None
    for row, result in results:
        if row.group != group:
            group = row.group
            out += ["", "## " + group, "", "| " + " | ".join(TITLES) + " |", "|" + "---|" * len(TITLES)]
        out.append("| " + " | ".join(cells(bench, row, result)) + " |")
    return "\n".join(out) + "\n"


def as_json(bench, results):
    return {
        "environment": dict(bench.about, stolen=stolen(bench)),
        "rows": [
            {
                "name": row.name,
                "case": row.case,
                "group": row.group,
                "kind": row.value,
                "floor": row.floor,
                "goal": row.goal,
                "value": value(bench, row, result),
                "verdict": verdict(row, value(bench, row, result)),
                "result": result,
            }
            for row, result in results
        ],
    }

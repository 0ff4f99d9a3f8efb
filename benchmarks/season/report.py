"""Seasons as a table and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median

import altair as alt

from benchmarks.season import CAPITAL
from benchmarks.season.figures import Figures

DOCS = Path(__file__).parents[2] / "docs"
MARK = "<!-- results -->"
NAMES = {
    "omniscient": "omniscient",
    "clairvoyant": "clairvoyant",
    "agent": "agent",
    "hold": "buys nothing",
    "discount": "biggest discount",
    "popular": "most ratings",
    "random": "random",
}
COLOURS = ["#8a8a8a", "#c08a1e", "#0b6b4f", "#58605a", "#7a4fa3", "#2f6db5", "#b3473f"]
SIMPLE = ("hold", "discount", "popular", "random")


def table(found: Sequence[Figures]) -> str:
    """A row a policy, means over its seasons, as Markdown."""
    head = [
        "policy",
        "seasons",
        "profit, DA",
        "lowest",
        "highest",
        "on capital",
        "sold",
        "stock left",
        "worst drawdown",
    ]
    lines = [f"| {' | '.join(head)} |", "| --- |" + " --: |" * (len(head) - 1)]
    for policy, name in NAMES.items():
        of = [one for one in found if one.policy == policy]
        if of:
            profits = [one.profit for one in of]
            cells = [f"{len(of)}", f"{fmean(profits):,.0f}", f"{min(profits):,.0f}", f"{max(profits):,.0f}"]
            cells += [f"{fmean(one.return_on_capital for one in of):.1%}"]
            cells += [f"{fmean(one.sell_through for one in of):.0%}", f"{fmean(one.stock_left for one in of):,.0f}"]
            cells += [f"{max(one.drawdown for one in of):,.0f}"]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def verdict(found: Sequence[Figures]) -> str:
    """In how many worlds the agent ended with most, lost, and how near it came to the clairvoyant."""
    worlds: dict[int, dict[str, float]] = {}
    for one in found:
        worlds.setdefault(one.seed, {})[one.policy] = one.profit
    whole = [world for world in worlds.values() if {"agent", *SIMPLE} <= set(world)]
    ahead = sum(all(world["agent"] > world[other] for other in SIMPLE) for world in whole)
    lost = sum(world["agent"] < 0 for world in whole)
    sentence = f"The agent ended with more than every simple policy in {ahead} of {len(whole)} worlds"
    sentence += f" and lost money in {lost}."
    for bound in ("clairvoyant", "omniscient"):
        whole = [world for world in worlds.values() if "agent" in world and world.get(bound, 0) > 0]
        parts = [world["agent"] / world[bound] for world in whole]
        if parts:
            sentence += f" Of what the {bound} keeper earned it earned {median(parts):.0%} (median; {min(parts):.0%} at"
            sentence += " least)."
    return sentence


def chart(found: Sequence[Figures]) -> alt.HConcatChart:
    """What the books say that the shop is worth, by day, in the mean of all worlds; and the end of each season."""
    names = [NAMES[policy] for policy in NAMES if any(one.policy == policy for one in found)]
    colour = alt.Color("policy:N", title=None, scale=alt.Scale(domain=list(NAMES.values()), range=COLOURS))
    days = []
    for policy, name in NAMES.items():
        of = [one.worth for one in found if one.policy == policy]
        days += [
            {"policy": name, "day": day, "earned": fmean(worths) - float(CAPITAL)}
            for day, worths in enumerate(zip(*of, strict=True), start=1)
        ]
    ends = [{"policy": NAMES[one.policy], "seed": one.seed, "profit": one.profit} for one in found]
    lines = (
        alt.Chart(alt.Data(values=days))
        .mark_line(strokeWidth=2)
        .encode(
            alt.X("day:Q", title="day of the season"),
            alt.Y("earned:Q", title="booked profit, DA, mean of worlds", axis=alt.Axis(format="~s")),
            colour,
        )
        .properties(width=380, height=260)
    )
    points = (
        alt.Chart(alt.Data(values=ends))
        .mark_point(filled=True, size=45, opacity=0.7)
        .encode(
            alt.X("profit:Q", title="profit of a season, DA", axis=alt.Axis(format="~s")),
            alt.Y("policy:N", sort=names, title=None),
            colour,
        )
        .properties(width=320, height=260)
    )
    return alt.hconcat(lines, points).configure(background="#ffffff", font="sans-serif").configure_view(stroke=None)


def write(found: Sequence[Figures]) -> None:
    """Writes the table into docs/SEASONS.md behind its mark, and the picture beside it."""
    page = DOCS / "SEASONS.md"
    head = page.read_text().split(MARK)[0]
    seeds = sorted({one.seed for one in found})
    worlds = f"{len(seeds)} worlds (seeds {', '.join(map(str, seeds))}), {found[0].days} days each."
    page.write_text(
        f"{head}{MARK}\n\n{worlds} {verdict(found)}\n\n{table(found)}\n\n![Seasons by policy](images/seasons.svg)\n"
    )
    chart(found).save(str(DOCS / "images" / "seasons.svg"))

"""Brindlemoor's annual report 2025 up to the statements. Knows prose; figures come in."""

from . import figures as f
from .layout import Look, Story, gap, new_page

LOOK = Look(
    title="Brindlemoor Instruments N.V. - Annual Report 2025",
    author="Brindlemoor Instruments N.V.",
    subject="Annual report for the fiscal year ended 30 September 2025",
    footer="Brindlemoor Instruments N.V.  |  Annual Report 2025",
    front_pages=2,
    cover=True,
)


def number(value: int) -> str:
    """A figure as statements print it: thousands commas, brackets for minus, a dash for nothing."""
    if value == 0:
        return "–"
    return f"({-value:,})" if value < 0 else f"{value:,}"


def row(label: str, values: f.Line) -> list[str]:
    """One printed row, newest year first."""
    return [label, *(number(values[year]) for year in f.YEARS)]


def millions(label: str, values: f.Line) -> list[str]:
    """One printed row in millions of euros, with one decimal."""
    return [label, *(f"{values[year] / 1000:.1f}" for year in f.YEARS)]


def percent(label: str, part: f.Line, whole: f.Line) -> list[str]:
    """One printed row of a ratio in percent, with one decimal."""
    return [label, *(f"{part[year] / whole[year]:.1%}" for year in f.YEARS)]


def front() -> Story:
    """Cover (page i) and contents (page ii)."""
    story: Story = gap(190)
    story += LOOK.text("Annual Report 2025", style="title")
    story += LOOK.text("Brindlemoor Instruments N.V.", style="subtitle")
    story += LOOK.text("Fiscal year ended 30 September 2025", style="subtitle")
    story += gap(40)
    story += LOOK.text(
        "We build the instruments that tell harbours, rivers and coasts what the water is doing.",
        style="subtitle",
    )
    story += gap(190)
    story += LOOK.note("Registered office: Sluiskade 14, Lindhaven, the Netherlands")
    story += LOOK.note(
        "Brindlemoor, its people and its figures are invented. This report was written as a "
        "sample document for the Workings project."
    )
    story += new_page()
    story += LOOK.text("Contents", style="title") + gap(4)
    story += LOOK.contents() + gap(10)
    story += LOOK.text("About this report", style="heading3")
    story += LOOK.text(
        "In this report, “Brindlemoor”, “the Group” and “we” mean Brindlemoor Instruments N.V. and "
        "its subsidiaries. A year such as “2025” means the fiscal year that ended on 30 September "
        "of that year. Amounts in the consolidated statements and the notes are in thousands of "
        "euros; amounts in the highlights are in millions of euros. Percentages are calculated "
        "from unrounded figures."
    )
    return story + new_page()


def highlights() -> Story:
    """Page 1: key figures in millions, and the five-year record with look-alike years."""
    header = ["In millions of euros, unless stated otherwise", "2025", "2024", "2023"]
    rows = [
        millions("Revenue", f.REVENUE),
        millions("Gross profit", f.GROSS_PROFIT),
        percent("Gross margin", f.GROSS_PROFIT, f.REVENUE),
        millions("EBITDA", f.EBITDA),
        millions("Operating profit", f.OPERATING_PROFIT),
        percent("Operating margin", f.OPERATING_PROFIT, f.REVENUE),
        millions("Profit for the year", f.PROFIT),
        millions("Net cash from operating activities", f.OPERATING_CASH),
        millions("Net debt (borrowings less cash)", f.NET_DEBT),
        millions("Order backlog at year end", f.add(*f.ORDER_BACKLOG.values())),
        ["Earnings per share (euros)", *(f"{f.EARNINGS_PER_SHARE[y]:.2f}" for y in f.YEARS)],
        ["Dividend per share for the year (euros)", "0.52", "0.40", "0.35"],
        row("Employees at year end", f.EMPLOYEES),
    ]
    story = LOOK.heading("Highlights") + LOOK.table(header, rows)
    story += LOOK.note(
        "The dividend for 2025 is the amount proposed to the general meeting. EBITDA is operating "
        "profit before depreciation and amortisation."
    )
    story += LOOK.heading("The year in brief", 2)
    story += LOOK.bullets(
        [
            "Revenue grew in all three segments for the first time since 2019.",
            "The Curlew 240 weather buoy entered series production in Port Ashby in March 2025.",
            "The number of stations connected to the Tideline data service passed 11,400, up from "
            "9,150 a year earlier.",
            "A second calibration laboratory opened in Vale do Cavo, Portugal, in June 2025.",
            "Scope 1 and 2 emissions fell by 11% to 4,120 tonnes of carbon dioxide equivalent.",
            "Reportable accidents fell to 2.1 per million hours worked (2024: 2.8).",
        ]
    )
    story += LOOK.heading("Five-year record", 2)
    header = ["In thousands of euros", "2025", "2024", "2023", "2022", "2021"]
    rows = [
        [*row("Revenue", f.REVENUE), "131,875", "119,260"],
        [*row("Operating profit", f.OPERATING_PROFIT), "11,905", "9,480"],
        [*row("Profit for the year", f.PROFIT), "7,412", "5,836"],
        [*row("Research and development", f.negative(f.RESEARCH)), "14,290", "13,114"],
        [*row("Total equity", f.EQUITY), "65,793", "61,540"],
        [*row("Employees at year end", f.EMPLOYEES), "718", "671"],
    ]
    return story + LOOK.table(header, rows, [2.4, 1, 1, 1, 1, 1]) + new_page()


def letter() -> Story:
    """Letter to shareholders."""
    story = LOOK.heading("Letter to shareholders")
    story += LOOK.text(
        "Dear shareholders,",
        "Last year I wrote that 2024 had been a year of repair. We closed the assembly line in "
        "Oosterbrak, took a restructuring charge for it, and promised that the simpler factory "
        "network would show in the margin. In 2025 it did. Gross margin rose by one and a half "
        "percentage points: 42 cents of every euro of revenue were left after the cost of making "
        "and delivering our products.",
        "Demand was good where water makes news. Harbour authorities in northern Europe ordered "
        "more weather buoys than in any year of our history, and sales in North America grew by "
        "17%. Hydrology returned to growth after a weak 2024, when two national "
        "river-gauge tenders had been postponed. Both were awarded in 2025, and we won one of "
        "them. We lost the other on price, and we would make the same offer again.",
        "Services remain the part of Brindlemoor that grows fastest. Customers no longer want only "
        "an instrument; they want a number they can trust at three in the morning. Tideline, our "
        "data service, and our calibration laboratories give them that. The purchase of Fennick "
        "Data in February 2024 brought us the forecasting team in Halden Bay, and their "
        "storm-surge model went live for its first nine customers in May.",
        "Not everything went well. The launch of the Curlew 240 came four months later than "
        "planned because a supplier's battery cells failed our salt-fog test. We replaced the "
        "supplier rather than the test. Inventories are higher than I would like, mostly buoy "
        "hulls bought ahead of the winter season, and bringing them down is a goal for 2026.",
        "We reduced borrowings by nine million euros and still raised spending on research. The "
        "Board proposes a dividend of 0.52 euros per share, an increase of thirty per cent. That "
        "is about two fifths of the profit, in line with the policy of paying out between 35% and "
        "45% of the profit for the year.",
        "For 2026 we expect revenue between 176 and 182 million euros, an operating margin of "
        "about 14%, and capital expenditure of about 10 million euros. These expectations do not "
        "include the acquisition of Larkfen Telemetry, which was signed after the year end and is "
        "described in note 15.",
        "In March, Joost Verhaven retired after twenty-six years, the last eight of them as chief "
        "operating officer. His successor, Amara Delacroy, joined us from the shipping industry. "
        "To him, to her, and to the 842 people who make this company: thank you.",
        "Marit Ooststrand<br/>Chief Executive Officer<br/>Lindhaven, 24 November 2025",
    )
    return story + new_page()


def business() -> Story:
    """Business description and segments."""
    story = LOOK.heading("Our business")
    story += LOOK.heading("What we do", 2)
    story += LOOK.text(
        "Brindlemoor designs, makes and services instruments that measure water and weather: "
        "weather buoys, tide gauges, river-level loggers, and the data service that brings their "
        "readings together. The company was founded in 1974 in a former herring smokehouse in "
        "Lindhaven by Aletta Brindle, a physicist, and Pieter Moor, a boat builder. Its shares "
        "have been traded since 1998.",
        "We sell to about 2,300 customers in 61 countries. Four fifths of our revenue comes from "
        "public bodies: harbour authorities, river agencies, meteorological services and coast "
        "guards. The largest single customer accounted for 7.4% of revenue in 2025 (2024: 8.1%). "
        "No other customer accounted for more than 5%.",
    )
    story += LOOK.heading("How we make it", 2)
    story += LOOK.text(
        "Electronics and sensors are made in Lindhaven, the Netherlands. River loggers are "
        "assembled in Vale do Cavo, Portugal, which took over the work of the Oosterbrak line when "
        "that line closed in 2024. Buoys are built in Port Ashby on the Atlantic coast of Canada. "
        "Every instrument is calibrated in one of our own laboratories before it is shipped and is "
        "delivered with a certificate that names the reference it was compared with.",
    )
    story += LOOK.heading("Research and development", 2)
    story += LOOK.text(
        "At the year end 168 people worked in research and development. We held 64 granted patents "
        "(2024: 59) and had 17 applications pending. The main projects of the year were the Curlew "
        "240, a radar tide gauge without moving parts, and the second generation of the Tideline "
        "station software. Research costs are expensed as incurred, except development costs that "
        "meet the criteria for capitalisation; 2,730 thousand euros were capitalised in 2025.",
    )
    story += LOOK.heading("People and environment", 2)
    story += LOOK.text(
        "Staff turnover was 6.8% (2024: 8.3%). Women held 34% of management positions. Apprentices "
        "made up 4% of the workforce in the Netherlands. We aim to halve Scope 1 and 2 emissions "
        "by 2030 compared with 2020. By the end of 2025 they were 31% below the 2020 level. The "
        "Lindhaven site has run on electricity from renewable sources since January 2022; Port "
        "Ashby is to follow in 2027.",
    )
    story += LOOK.heading("Segments")
    story += LOOK.text(
        "We report three segments. They are managed separately and each has its own head, who "
        "reports to the Chief Executive Officer."
    )
    header = ["Order backlog at 30 September, in thousands of euros", "2025", "2024", "2023"]
    rows = [row(name, values) for name, values in f.ORDER_BACKLOG.items()]
    rows.append(row("Total order backlog", f.add(*f.ORDER_BACKLOG.values())))
    story += LOOK.table(header, rows, totals=[3])
    story += LOOK.heading("Marine Instruments", 2)
    story += LOOK.text(
        "Marine Instruments makes the Curlew weather buoys and the Sandling tide gauges. We "
        "delivered 418 buoys in 2025, compared with 376 in 2024. Margins improved because hulls "
        "are now rotationally moulded in one piece, which saves about nine hours of work per buoy. "
        "The segment's order backlog covers roughly seven months of sales.",
    )
    story += LOOK.heading("Hydrology", 2)
    story += LOOK.text(
        "Hydrology makes the Dipper family of river-level loggers and discharge meters. Revenue "
        "had slipped in 2024 when two national tenders were postponed. In 2025 the segment won "
        "the river-gauge renewal of the Republic of Osterra: 1,260 stations, to be "
        "delivered over three years. The first 340 stations were installed by the year end.",
    )
    story += LOOK.heading("Services", 2)
    story += LOOK.text(
        "Services sells Tideline subscriptions, calibration, repair and training. Subscriptions "
        "made up 58% of the segment's revenue and renewals ran at 94%. The segment employs the "
        "field engineers and the staff of the two calibration laboratories. It has the highest "
        "margin of the three segments.",
    )
    return story


def review() -> Story:
    """Financial review."""
    story = LOOK.heading("Financial review")
    story += LOOK.text(
        "<b>Revenue.</b> Revenue increased by 10.4% to 168.3 million euros. At constant exchange "
        "rates the increase was 11.2%. Prices added 2.6 percentage points; the rest was volume. "
        "The acquisition of Fennick Data, consolidated since February 2024, added 0.7 points.",
        "<b>Gross profit.</b> Gross margin improved from 40.5% to 42.0%. The closure of the "
        "Oosterbrak line saved 1.9 million euros in a full year, and freight costs fell. Higher "
        "wages in Lindhaven took back about half of this.",
        "<b>Operating expenses.</b> Research and development was 11.0% of revenue (2024: 11.2%). "
        "General and administrative expenses include 0.6 million euros for the new planning "
        "system, which went live in April 2025. No restructuring costs were incurred in 2025; the "
        "charge of 1,240 thousand euros in 2024 was for the Oosterbrak closure.",
        "<b>Operating profit.</b> Operating profit rose by 43.6% to 23.4 million euros, a margin "
        "of 13.9%. Without the restructuring charge, operating profit in 2024 would have been "
        "17,533 thousand euros.",
        "<b>Financing and tax.</b> Net finance costs fell because borrowings fell. The effective "
        "tax rate was 24.0% (2024: 24.7%); the difference from the statutory rate of 25% comes "
        "mainly from the Dutch research credit.",
        "<b>Cash flow.</b> Net cash from operating activities was 27.1 million euros. Capital "
        "expenditure of 9.1 million euros went mainly into the calibration laboratory in Vale do "
        "Cavo and a second mould for buoy hulls in Port Ashby. We repaid 9.0 million euros of bank "
        "loans.",
        "<b>Net debt and covenants.</b> Net debt at the year end was 14.7 million euros, or 0.4 "
        "times EBITDA. The loan agreements require a ratio of no more than 3.0. The covenant was "
        "met at every test date.",
    )
    story += LOOK.heading("Outlook", 2)
    header = ["Outlook and result", "Outlook for 2026", "Outlook for 2025", "Result for 2025"]
    rows = [
        ["Revenue (millions of euros)", "176 to 182", "160 to 166", "168.3"],
        ["Operating margin", "about 14%", "about 12%", "13.9%"],
        ["Capital expenditure (millions of euros)", "about 10", "about 9", "9.1"],
    ]
    story += LOOK.table(header, rows, [2.2, 1.2, 1.2, 1.2])
    return story + new_page()


def story() -> Story:
    """Everything before the statements."""
    return front() + highlights() + letter() + business() + review()

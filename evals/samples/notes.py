"""The notes to Brindlemoor's statements, and what follows them. Figures come from `figures`."""

from . import figures as f
from .annual_report import LOOK, number, row
from .layout import Story, new_page, together
from .statements import DATES, EUROS


def _split(title: str, lines: dict[str, f.Line], total: str, header: str = EUROS) -> Story:
    rows = [row(name, values) for name, values in lines.items()]
    rows.append(row(total, f.add(*lines.values())))
    return LOOK.heading(title, 2) + LOOK.table([header, *DATES], rows, totals=[len(lines)])


def notes_on_results() -> Story:
    """Notes 1 to 7."""
    story = LOOK.heading("Notes to the consolidated statements")
    story += LOOK.heading("Note 1. Basis of preparation", 2)
    story += LOOK.text(
        "The statements are prepared under the historical cost convention. Revenue from "
        "instruments is recognised when the customer takes control, normally on delivery; revenue "
        "from subscriptions is recognised evenly over the term. Instruments carry a standard "
        "warranty, for which a provision of 1.3% of instrument sales is made. Buildings are "
        "depreciated over 30 years, plant over 8 to 12 years, and vehicles over 5 years. Goodwill "
        "is not amortised but tested every year; no impairment was found in 2025, 2024 or 2023."
    )
    story += together(_split("Note 2. Revenue by segment", f.SEGMENTS, "Total revenue"))
    story += together(_split("Note 3. Revenue by region", f.REGIONS, "Total revenue"))
    story += LOOK.note(
        "Regions are those of the customer. Revenue in the Netherlands was 21,470 thousand euros "
        "in 2025 and 19,865 thousand euros in 2024; it is part of Northern Europe."
    )
    results = [row(name, values) for name, values in f.SEGMENT_RESULTS.items()]
    results.append(row("Central costs", f.CENTRAL_COSTS))
    results.append(row("Restructuring costs", f.RESTRUCTURING))
    results.append(row("Operating profit", f.OPERATING_PROFIT))
    story += together(
        LOOK.heading("Note 4. Operating profit by segment", 2)
        + LOOK.table([EUROS, *DATES], results, totals=[5])
    )
    story += together(
        _split(
            "Note 5. Employees at year end",
            f.EMPLOYEES_BY_FUNCTION,
            "Total employees",
            "Number of employees by function",
        )
        + LOOK.table(
            ["Number of employees by country", *DATES],
            [row(name, values) for name, values in f.EMPLOYEES_BY_COUNTRY.items()]
            + [row("Total employees", f.EMPLOYEES)],
            totals=[5],
        )
    )
    story += together(
        _split("Note 6. Personnel costs", f.PERSONNEL_COSTS, "Total personnel costs")
        + LOOK.note(
            "The average number of employees during the year was 814 in 2025, 770 in 2024 and 739 "
            "in 2023. These averages differ from the year-end numbers in note 5."
        )
    )
    tax = [
        row("Profit before tax", f.PROFIT_BEFORE_TAX),
        row("Tax at the statutory rate of 25%", f.TAX_AT_STATUTORY_RATE),
        row("Costs that are not deductible", f.TAX_NON_DEDUCTIBLE),
        row("Research credit", f.TAX_RESEARCH_CREDIT),
        row("Other differences", f.TAX_OTHER),
        row("Income tax", f.INCOME_TAX),
        row("of which current tax", f.CURRENT_TAX),
        row("of which deferred tax", f.DEFERRED_TAX),
    ]
    story += together(
        LOOK.heading("Note 7. Income tax", 2)
        + LOOK.table([EUROS, *DATES], tax, totals=[5])
        + LOOK.note(
            "Tax losses of 1,860 thousand euros in Singapore, which expire in 2031, have not been "
            "recognised as a deferred tax asset."
        )
    )
    return story


def notes_on_balances() -> Story:
    """Notes 8 to 12."""
    story = together(
        _split(
            "Note 8. Property, plant and equipment",
            f.PROPERTY_BY_CLASS,
            "Total property, plant and equipment",
        )
        + LOOK.note(
            "At the year end the Group had committed to buy equipment for 1,415 thousand euros "
            "(2024: 2,260). Land and buildings in Lindhaven are pledged for the mortgage loan."
        )
    )
    story += together(
        _split("Note 9. Inventories", f.INVENTORIES_BY_KIND, "Total inventories")
        + LOOK.note("Write-downs of inventories were 684 thousand euros (2024: 912; 2023: 577).")
    )
    loans = [
        ["Term loan A", "3.85% fixed", "March 2029", "18,000", "22,500"],
        ["Term loan B", "Euribor + 1.60%", "September 2031", "10,000", "10,000"],
        ["Mortgage loan Lindhaven", "Euribor + 1.25%", "June 2033", "2,000", "2,250"],
        ["Bank loan Port Ashby", "4.10% fixed", "repaid May 2025", "–", "4,250"],
        ["Total borrowings", "", "", number(f.BORROWINGS[2025]), number(f.BORROWINGS[2024])],
    ]
    maturities = [row(name, values) for name, values in f.DEBT_MATURITIES.items()]
    maturities.append(row("Total borrowings", f.BORROWINGS))
    story += together(
        LOOK.heading("Note 10. Borrowings", 2)
        + LOOK.table(
            [EUROS, "Interest", "Final maturity", "2025", "2024"],
            loans,
            [2, 1.4, 1.4, 0.9, 0.9],
            totals=[4],
        )
        + LOOK.table(["Repayments due, in thousands of euros", *DATES], maturities, totals=[4])
        + LOOK.text(
            "In addition there is a revolving credit facility of 25 million euros with a group of "
            "three banks, which runs until March 2028. It was undrawn at the end of 2025 and 2024. "
            "The commitment fee is 0.35% a year of the undrawn amount. The agreements forbid the "
            "sale of the Lindhaven site without the banks' consent and cap net debt at 3.0 times "
            "EBITDA."
        )
    )
    leases = [row(name, values) for name, values in f.LEASE_MATURITIES.items()]
    gross = f.add(*f.LEASE_MATURITIES.values())
    leases.append(row("Total undiscounted payments", gross))
    leases.append(row("Future interest", f.add(f.LEASES, f.negative(gross))))
    leases.append(row("Lease liabilities", f.LEASES))
    story += together(
        LOOK.heading("Note 11. Leases", 2)
        + LOOK.table(["Lease payments, in thousands of euros", *DATES], leases, totals=[3, 5])
        + LOOK.note(
            "The Group leases warehouses, offices and 143 vehicles. The weighted average discount "
            "rate was 3.9%. Short-term leases of 286 thousand euros were expensed in 2025."
        )
    )
    story += together(
        LOOK.heading("Note 12. Share capital", 2)
        + LOOK.text(
            "The authorised capital is 20,000,000 ordinary shares with a nominal value of 1 euro, "
            "of which 12,600,000 have been issued. In April 2024 the company bought back 120,000 "
            "shares at an average price of 18.50 euros, for 2,220 thousand euros; they are held as "
            "treasury shares, carry no dividend and may not be voted. The number of shares "
            "outstanding was 12,480,000 at the end of 2025 and 2024 and 12,600,000 at the end of "
            "2023. There are no preference shares."
        )
    )
    return story


def closing_notes() -> Story:
    """Notes 13 to 15 and the auditor's statement."""
    story = together(
        LOOK.heading("Note 13. Dividends", 2)
        + LOOK.table(
            ["Dividends", "For 2025", "For 2024", "For 2023", "For 2022"],
            [
                ["Per share (euros)", "0.52", "0.40", "0.35", "0.30"],
                ["Amount (thousands of euros)", "6,490", "4,992", "4,410", "3,780"],
                ["Paid in fiscal year", "proposed", "2025", "2024", "2023"],
            ],
        )
    )
    story += together(
        LOOK.heading("Note 14. Changes to figures published earlier", 2)
        + LOOK.text(
            "Since 2024, training courses for river agencies are reported under Services. In the "
            "annual report 2023 they had been reported under Hydrology. The figures for 2023 in "
            "this report have been changed accordingly; total revenue and profit did not change."
        )
        + LOOK.table(
            ["Revenue for 2023, in thousands of euros", "As published", "Change", "Restated"],
            [
                ["Hydrology", "52,220", "(1,605)", number(f.SEGMENTS["Hydrology"][2023])],
                ["Services", "19,892", "1,605", number(f.SEGMENTS["Services"][2023])],
            ],
        )
    )
    story += LOOK.heading("Note 15. Events after the reporting period", 2)
    story += LOOK.text(
        "On 22 October 2025 a fire damaged the leased warehouse in Tollen. Nobody was hurt. Stock "
        "with a book value of 1.3 million euros was lost; it is insured with a deductible of 250 "
        "thousand euros. Deliveries were resumed from Lindhaven after six days.",
        "On 14 November 2025 the Group agreed to buy Larkfen Telemetry B.V., a maker of satellite "
        "modems with 38 employees, for 11.4 million euros in cash. Completion is expected in the "
        "second quarter of 2026 and needs the approval of the competition authority. The purchase "
        "will be paid for with the revolving credit facility.",
    )
    story += new_page() + LOOK.heading("Independent auditor's statement")
    story += LOOK.text(
        "To the shareholders of Brindlemoor Instruments N.V.: in our opinion the consolidated "
        "statements give a true and fair view of the financial position of the Group at 30 "
        "September 2025 and of its result and cash flows for the year then ended. Materiality was "
        "set at 1,080 thousand euros. The key audit matters were the recognition of revenue from "
        "multi-year contracts and the valuation of goodwill.",
        "Halvard &amp; Steen Accountants<br/>Lindhaven, 24 November 2025",
    )
    story += LOOK.heading("Information for shareholders")
    story += LOOK.table(
        ["Share price in euros", *DATES],
        [
            ["Highest price of the year", "24.60", "20.15", "19.40"],
            ["Lowest price of the year", "17.35", "16.20", "14.85"],
            ["Price at 30 September", "23.90", "17.80", "18.65"],
        ],
    )
    story += LOOK.text(
        "Shares of more than 3% were reported by the Brindle Family Foundation (31.4%), Oakmere "
        "Pension Fund (8.2%) and Stellan Vik Asset Management (5.6%). The remaining shares are "
        "widely held. Each share carries one vote."
    )
    story += LOOK.table(
        ["Financial calendar", "Date"],
        [
            ["General meeting, Lindhaven town theatre", "22 January 2026"],
            ["Shares trade without the dividend", "26 January 2026"],
            ["Dividend paid", "4 February 2026"],
            ["Half-year results", "19 May 2026"],
            ["Annual results", "23 November 2026"],
        ],
        [2.4, 1],
    )
    story += LOOK.text(
        "Questions from shareholders are answered by Wilhelmina Aske, Investor Relations, "
        "Sluiskade 14, Lindhaven. Printed copies of this report are sent on request."
    )
    return story


def story() -> Story:
    """The notes, the auditor's statement and the information for shareholders."""
    return notes_on_results() + notes_on_balances() + closing_notes()

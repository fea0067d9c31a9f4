"""The fact sheet of another fictional company: the same line items, other numbers."""

from .layout import Look, Story, gap, new_page

LOOK = Look(
    title="Vexholt Metering AG - Fact sheet 2025",
    author="Vexholt Metering AG",
    subject="Fact sheet for the fiscal year ended 30 June 2025",
    footer="Vexholt Metering AG  |  Fact sheet 2025",
    colour="#2f6b3c",
    serif=False,
)

INCOME = (
    ("Revenue", 171_905, 163_480),
    ("Cost of sales", -106_230, -102_815),
    ("Gross profit", 65_675, 60_665),
    ("Research and development", -14_620, -14_105),
    ("Sales and marketing", -19_340, -18_702),
    ("General and administrative", -13_115, -12_870),
    ("Operating profit", 18_600, 14_988),
    ("Net finance costs", -1_905, -2_040),
    ("Profit before tax", 16_695, 12_948),
    ("Income tax", -4_340, -3_366),
    ("Profit for the year", 12_355, 9_582),
)
POSITION = (
    ("Inventories", 30_115, 29_480),
    ("Cash and cash equivalents", 11_860, 9_745),
    ("Total assets", 158_240, 152_610),
    ("Borrowings", 33_500, 36_200),
    ("Total equity", 79_415, 71_980),
    ("Net cash from operating activities", 20_310, 17_645),
    ("Capital expenditure", 8_240, 7_905),
)
DIVISIONS = (
    ("Water meters", 98_312, 95_110),
    ("Gas meters", 52_087, 48_220),
    ("Software", 21_506, 20_150),
)


def _number(value: int) -> str:
    return f"({-value:,})" if value < 0 else f"{value:,}"


def _rows(lines: tuple[tuple[str, int, int], ...]) -> list[list[str]]:
    return [[name, _number(new), _number(old)] for name, new, old in lines]


def story() -> Story:
    """The whole fact sheet."""
    story = LOOK.text("Vexholt Metering AG", style="title")
    story += LOOK.text("Fact sheet for the fiscal year ended 30 June 2025", style="subtitle")
    story += gap(6)
    story += LOOK.text(
        "Vexholt Metering makes water and gas meters for public utilities and the software that "
        "reads them. The company was founded in 1951 and has its seat in Grauwies, Switzerland. It "
        "is not connected with any of the instrument makers with which it competes in river and "
        "harbour tenders. All amounts are reported in euros.",
        "In fiscal year 2025 revenue grew by 5.2% and operating profit by 24.1%. A plant for "
        "ultrasonic meters in Tarnau started up in September 2024. The smaller plant in Ilsdorf "
        "was sold in May 2025 without a gain or a loss.",
    )
    story += LOOK.heading("Income statement")
    header = ["In thousands of euros, fiscal years ended 30 June", "2025", "2024"]
    story += LOOK.table(header, _rows(INCOME), [3, 1, 1], totals=[2, 6, 8, 10])
    story += LOOK.heading("Revenue by division")
    total = ("Total revenue", 171_905, 163_480)
    story += LOOK.table(
        ["In thousands of euros", "2025", "2024"], _rows((*DIVISIONS, total)), [3, 1, 1], totals=[3]
    )
    story += new_page()
    story += LOOK.heading("Financial position and cash flow")
    story += LOOK.table(["In thousands of euros", "2025", "2024"], _rows(POSITION), [3, 1, 1])
    story += LOOK.heading("Other key figures")
    story += LOOK.table(
        ["Key figure", "2025", "2024"],
        [
            ["Employees at year end", "913", "887"],
            ["Earnings per share (euros)", "1.03", "0.80"],
            ["Dividend per share (euros)", "0.30", "0.24"],
            ["Order backlog (thousands of euros)", "61,730", "58,415"],
            ["Meters delivered (thousands)", "1,482", "1,405"],
            ["Granted patents", "41", "38"],
        ],
        [3, 1, 1],
    )
    story += LOOK.heading("Management")
    story += LOOK.text(
        "Chief Executive Officer: Henrike Solberg-Maas, since 2017. Chief Financial Officer: Dario "
        "Feldkamp, since 2021. The chair of the board is Leontine Abgrund."
    )
    story += LOOK.heading("Outlook")
    story += LOOK.text(
        "For fiscal year 2026 Vexholt expects revenue growth of 3% to 5% and an operating margin "
        "between 10% and 11%. The company intends to pay out about 30% of the profit for the year. "
        "No acquisitions are planned."
    )
    story += LOOK.heading("Calendar")
    story += LOOK.bullets(
        [
            "Half-year results: 12 February 2026",
            "Annual results: 3 September 2026",
            "General meeting: 22 October 2026",
        ]
    )
    return story + LOOK.note(
        "Vexholt Metering AG, its people and its figures are invented. This fact sheet was written "
        "as a sample document for the Workings project."
    )

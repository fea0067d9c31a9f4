"""Brindlemoor's consolidated statements. Every figure comes from `figures`."""

from . import figures as f
from .annual_report import LOOK, row
from .layout import Story, new_page

EUROS = "In thousands of euros"
DATES = ["2025", "2024", "2023"]


def income() -> Story:
    """Consolidated income statement."""
    rows = [
        row("Revenue", f.REVENUE),
        row("Cost of sales", f.COST_OF_SALES),
        row("Gross profit", f.GROSS_PROFIT),
        row("Research and development", f.RESEARCH),
        row("Sales and marketing", f.MARKETING),
        row("General and administrative", f.ADMINISTRATION),
        row("Restructuring costs", f.RESTRUCTURING),
        row("Operating profit", f.OPERATING_PROFIT),
        row("Finance income", f.FINANCE_INCOME),
        row("Finance costs", f.FINANCE_COSTS),
        row("Profit before tax", f.PROFIT_BEFORE_TAX),
        row("Income tax", f.INCOME_TAX),
        row("Profit for the year", f.PROFIT),
        ["Earnings per share (euros)", *(f"{f.EARNINGS_PER_SHARE[y]:.2f}" for y in f.YEARS)],
    ]
    story = LOOK.heading("Consolidated income statement")
    story += LOOK.note("For the fiscal years ended 30 September")
    story += LOOK.table([EUROS, *DATES], rows, totals=[2, 7, 10, 12])
    story += LOOK.note(
        "There is no difference between basic and diluted earnings per share. The notes are part "
        "of these statements."
    )
    closing = f.EQUITY
    opening = {year: closing[year] - change for year, change in f.EQUITY_CHANGE.items()}
    rows = [
        row("Total equity at the start of the year", opening),
        row("Profit for the year", f.PROFIT),
        row("Dividends paid", f.negative(f.DIVIDENDS)),
        row("Purchase of own shares", f.negative(f.BUY_BACK)),
        row("Share-based payments", f.SHARE_BASED),
        row("Total equity at the end of the year", closing),
    ]
    story += LOOK.heading("Changes in equity", 2)
    return story + LOOK.table([EUROS, *DATES], rows, totals=[5]) + new_page()


def balance() -> Story:
    """Consolidated balance sheet."""
    blank = ["", "", ""]
    rows = [
        ["Assets", *blank],
        row("Property, plant and equipment", f.PROPERTY),
        row("Right-of-use assets", f.RIGHT_OF_USE),
        row("Goodwill", f.GOODWILL),
        row("Other intangible assets", f.INTANGIBLES),
        row("Deferred tax assets", f.DEFERRED_TAX_ASSETS),
        row("Total non-current assets", f.NON_CURRENT_ASSETS),
        row("Inventories", f.INVENTORIES),
        row("Trade receivables", f.RECEIVABLES),
        row("Other current assets", f.OTHER_ASSETS),
        row("Cash and cash equivalents", f.CASH),
        row("Total current assets", f.CURRENT_ASSETS),
        row("Total assets", f.TOTAL_ASSETS),
        ["Equity and liabilities", *blank],
        row("Share capital", f.SHARE_CAPITAL),
        row("Share premium", f.SHARE_PREMIUM),
        row("Treasury shares", f.TREASURY_SHARES),
        row("Retained earnings", f.RETAINED_EARNINGS),
        row("Total equity", f.EQUITY),
        row("Borrowings, non-current", f.BORROWINGS_NON_CURRENT),
        row("Lease liabilities, non-current", f.LEASES_NON_CURRENT),
        row("Provisions", f.PROVISIONS),
        row("Total non-current liabilities", f.NON_CURRENT_LIABILITIES),
        row("Borrowings, current", f.BORROWINGS_CURRENT),
        row("Lease liabilities, current", f.LEASES_CURRENT),
        row("Trade payables", f.PAYABLES),
        row("Contract liabilities", f.CONTRACT_LIABILITIES),
        row("Current tax liabilities", f.TAX_LIABILITIES),
        row("Total current liabilities", f.CURRENT_LIABILITIES),
        row("Total equity and liabilities", f.add(f.EQUITY, f.TOTAL_LIABILITIES)),
    ]
    story = LOOK.heading("Consolidated balance sheet")
    story += LOOK.note("At 30 September")
    totals = [6, 11, 12, 18, 22, 28, 29]
    return story + LOOK.table([EUROS, *DATES], rows, totals=totals, sections=[0, 13]) + new_page()


def cash_flow() -> Story:
    """Consolidated cash-flow statement."""
    rows = [row(name, values) for name, values in f.OPERATING_FLOWS.items()]
    totals = [len(rows)]
    rows.append(row("Net cash from operating activities", f.OPERATING_CASH))
    rows += [row(name, values) for name, values in f.INVESTING_FLOWS.items()]
    totals.append(len(rows))
    rows.append(row("Net cash used in investing activities", f.INVESTING_CASH))
    rows += [row(name, values) for name, values in f.FINANCING_FLOWS.items()]
    totals.append(len(rows))
    rows.append(row("Net cash used in financing activities", f.FINANCING_CASH))
    rows.append(row("Net change in cash", f.CASH_CHANGE))
    rows.append(row("Cash and cash equivalents at the start of the year", f.CASH_OPENING))
    totals.append(len(rows))
    rows.append(row("Cash and cash equivalents at the end of the year", f.CASH))
    story = LOOK.heading("Consolidated cash-flow statement")
    story += LOOK.note("For the fiscal years ended 30 September")
    story += LOOK.table([EUROS, *DATES], rows, totals=totals)
    story += LOOK.note(
        "Interest paid was 2,031 thousand euros in 2025 (2024: 2,296; 2023: 2,105) and is part of "
        "operating activities. New leases of 3,068 thousand euros in 2025 (2024: 1,745; 2023: "
        "2,310) did not involve cash."
    )
    return story + new_page()


def story() -> Story:
    """The three statements."""
    return income() + balance() + cash_flow()

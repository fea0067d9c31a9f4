"""The numbers of Brindlemoor's annual report and the sums made of them. Knows no prose.

Inputs are plain data; every total, balance and per-share figure is computed, so the statements add
up exactly. Money is in thousands of euros; a fiscal year is named for the 30 September it ends on.
"""

YEARS = (2025, 2024, 2023)

Line = dict[int, int]
"""One line of a statement: fiscal year to thousands of euros (or a count)."""


def line(y2025: int, y2024: int, y2023: int) -> Line:
    """One line of a table, newest year first as it is printed."""
    return dict(zip(YEARS, (y2025, y2024, y2023), strict=True))


def add(*lines: Line) -> Line:
    """The sum of several lines, year by year."""
    return {year: sum(each[year] for each in lines) for year in YEARS}


def negative(values: Line) -> Line:
    """The line with its sign turned."""
    return {year: -value for year, value in values.items()}


SEGMENTS = {
    "Marine Instruments": line(84_310, 76_452, 71_908),
    "Hydrology": line(52_744, 49_870, 50_615),
    "Services": line(31_286, 26_138, 21_497),
}
REGIONS = {
    "Northern Europe": line(61_905, 57_318, 54_766),
    "Southern Europe": line(34_127, 31_840, 30_952),
    "North America": line(42_588, 36_409, 32_117),
    "Asia-Pacific": line(29_720, 26_893, 26_185),
}
SEGMENT_RESULTS = {
    "Marine Instruments": line(13_911, 10_932, 9_564),
    "Hydrology": line(6_803, 5_486, 5_972),
    "Services": line(7_196, 5_489, 3_869),
}
CENTRAL_COSTS = line(-4_510, -4_374, -5_723)
ORDER_BACKLOG = {
    "Marine Instruments": line(47_215, 39_880, 36_742),
    "Hydrology": line(18_936, 17_204, 19_318),
    "Services": line(22_408, 16_951, 12_067),
}

REVENUE = add(*SEGMENTS.values())
COST_OF_SALES = line(-97_637, -90_713, -88_284)
GROSS_PROFIT = add(REVENUE, COST_OF_SALES)
RESEARCH = line(-18_517, -17_076, -15_842)
MARKETING = line(-16_834, -15_856, -15_266)
ADMINISTRATION = line(-11_952, -11_282, -10_946)
RESTRUCTURING = line(0, -1_240, 0)
OPERATING_PROFIT = add(GROSS_PROFIT, RESEARCH, MARKETING, ADMINISTRATION, RESTRUCTURING)
FINANCE_INCOME = line(312, 205, 118)
FINANCE_COSTS = line(-2_146, -2_418, -2_197)
PROFIT_BEFORE_TAX = add(OPERATING_PROFIT, FINANCE_INCOME, FINANCE_COSTS)
CURRENT_TAX = line(-5_286, -3_393, -2_903)
DEFERRED_TAX = line(110, -85, 60)
INCOME_TAX = add(CURRENT_TAX, DEFERRED_TAX)
PROFIT = add(PROFIT_BEFORE_TAX, INCOME_TAX)
AVERAGE_SHARES = line(12_480, 12_540, 12_600)
"""Weighted average number of shares outstanding, in thousands."""
EARNINGS_PER_SHARE = {year: PROFIT[year] / AVERAGE_SHARES[year] for year in YEARS}
"""In euros."""

DEPRECIATION = line(5_982, 5_615, 5_340)
LEASE_DEPRECIATION = line(2_655, 2_540, 2_488)
AMORTISATION = line(2_415, 1_980, 1_655)
SHARE_BASED = line(420, 365, 310)
EBITDA = add(OPERATING_PROFIT, DEPRECIATION, LEASE_DEPRECIATION, AMORTISATION)

INVENTORIES_CHANGE = line(2_276, -930, 1_842)
RECEIVABLES_CHANGE = line(2_391, 1_624, 1_115)
OTHER_ASSETS_CHANGE = line(-120, 95, 148)
PAYABLES_CHANGE = line(1_505, 640, 822)
CONTRACT_LIABILITIES_CHANGE = line(2_260, 1_385, 740)
PROVISIONS_CHANGE = line(-265, 410, 130)
TAX_LIABILITY_CHANGE = line(385, -140, 95)
CAPITAL_EXPENDITURE = line(9_127, 7_480, 6_215)
INTANGIBLE_ADDITIONS = line(2_730, 2_145, 1_860)
ACQUIRED_GOODWILL = line(0, 4_120, 0)
ACQUIRED_INTANGIBLES = line(0, 2_380, 0)
LEASE_ADDITIONS = line(3_068, 1_745, 2_310)
LEASE_PAYMENTS = line(2_590, 2_461, 2_402)
BORROWED = line(0, 10_000, 0)
REPAID = line(9_000, 5_000, 4_000)
DIVIDENDS = line(4_992, 4_410, 3_780)
BUY_BACK = line(0, 2_220, 0)

OPERATING_FLOWS = {
    "Profit for the year": PROFIT,
    "Depreciation of property, plant and equipment": DEPRECIATION,
    "Depreciation of right-of-use assets": LEASE_DEPRECIATION,
    "Amortisation of intangible assets": AMORTISATION,
    "Share-based payments": SHARE_BASED,
    "Deferred tax": negative(DEFERRED_TAX),
    "Change in inventories": negative(INVENTORIES_CHANGE),
    "Change in trade receivables": negative(RECEIVABLES_CHANGE),
    "Change in other current assets": negative(OTHER_ASSETS_CHANGE),
    "Change in trade payables": PAYABLES_CHANGE,
    "Change in contract liabilities": CONTRACT_LIABILITIES_CHANGE,
    "Change in provisions": PROVISIONS_CHANGE,
    "Change in current tax liabilities": TAX_LIABILITY_CHANGE,
}
INVESTING_FLOWS = {
    "Purchase of property, plant and equipment": negative(CAPITAL_EXPENDITURE),
    "Additions to intangible assets": negative(INTANGIBLE_ADDITIONS),
    "Acquisition of Fennick Data": negative(add(ACQUIRED_GOODWILL, ACQUIRED_INTANGIBLES)),
}
FINANCING_FLOWS = {
    "Proceeds from borrowings": BORROWED,
    "Repayment of borrowings": negative(REPAID),
    "Payment of lease liabilities": negative(LEASE_PAYMENTS),
    "Dividends paid": negative(DIVIDENDS),
    "Purchase of own shares": negative(BUY_BACK),
}
OPERATING_CASH = add(*OPERATING_FLOWS.values())
INVESTING_CASH = add(*INVESTING_FLOWS.values())
FINANCING_CASH = add(*FINANCING_FLOWS.values())
CASH_CHANGE = add(OPERATING_CASH, INVESTING_CASH, FINANCING_CASH)


def carried(opening: int, *changes: Line) -> Line:
    """A balance at each year end, from the balance of 30 September 2022 and the yearly changes."""
    balance, balances = opening, {}
    for year in sorted(YEARS):
        balance += sum(change[year] for change in changes)
        balances[year] = balance
    return balances


PROPERTY = carried(38_420, CAPITAL_EXPENDITURE, negative(DEPRECIATION))
RIGHT_OF_USE = carried(9_860, LEASE_ADDITIONS, negative(LEASE_DEPRECIATION))
GOODWILL = carried(14_250, ACQUIRED_GOODWILL)
INTANGIBLES = carried(7_315, INTANGIBLE_ADDITIONS, ACQUIRED_INTANGIBLES, negative(AMORTISATION))
DEFERRED_TAX_ASSETS = carried(1_940, DEFERRED_TAX)
INVENTORIES = carried(24_618, INVENTORIES_CHANGE)
RECEIVABLES = carried(27_340, RECEIVABLES_CHANGE)
OTHER_ASSETS = carried(3_862, OTHER_ASSETS_CHANGE)
CASH_OPENING_2023 = 15_227
CASH = carried(CASH_OPENING_2023, CASH_CHANGE)
CASH_OPENING = {year: CASH[year] - CASH_CHANGE[year] for year in YEARS}
NON_CURRENT_ASSETS = add(PROPERTY, RIGHT_OF_USE, GOODWILL, INTANGIBLES, DEFERRED_TAX_ASSETS)
CURRENT_ASSETS = add(INVENTORIES, RECEIVABLES, OTHER_ASSETS, CASH)
TOTAL_ASSETS = add(NON_CURRENT_ASSETS, CURRENT_ASSETS)

SHARE_CAPITAL = line(12_600, 12_600, 12_600)
SHARE_PREMIUM = line(21_400, 21_400, 21_400)
TREASURY_SHARES = carried(0, negative(BUY_BACK))
RETAINED_EARNINGS = carried(31_793, PROFIT, negative(DIVIDENDS), SHARE_BASED)
EQUITY = add(SHARE_CAPITAL, SHARE_PREMIUM, TREASURY_SHARES, RETAINED_EARNINGS)
EQUITY_CHANGE = add(PROFIT, negative(DIVIDENDS), negative(BUY_BACK), SHARE_BASED)
BORROWINGS = carried(38_000, BORROWED, negative(REPAID))
BORROWINGS_CURRENT = line(6_000, 9_000, 5_000)
BORROWINGS_NON_CURRENT = add(BORROWINGS, negative(BORROWINGS_CURRENT))
LEASES = carried(10_120, LEASE_ADDITIONS, negative(LEASE_PAYMENTS))
LEASES_CURRENT = line(2_715, 2_590, 2_461)
LEASES_NON_CURRENT = add(LEASES, negative(LEASES_CURRENT))
PROVISIONS = carried(3_270, PROVISIONS_CHANGE)
PAYABLES = carried(17_954, PAYABLES_CHANGE)
CONTRACT_LIABILITIES = carried(6_480, CONTRACT_LIABILITIES_CHANGE)
TAX_LIABILITIES = carried(1_215, TAX_LIABILITY_CHANGE)
NON_CURRENT_LIABILITIES = add(BORROWINGS_NON_CURRENT, LEASES_NON_CURRENT, PROVISIONS)
CURRENT_LIABILITIES = add(
    BORROWINGS_CURRENT, LEASES_CURRENT, PAYABLES, CONTRACT_LIABILITIES, TAX_LIABILITIES
)
TOTAL_LIABILITIES = add(NON_CURRENT_LIABILITIES, CURRENT_LIABILITIES)
NET_DEBT = add(BORROWINGS, negative(CASH))

EMPLOYEES_BY_FUNCTION = {
    "Production and logistics": line(371, 352, 349),
    "Research and development": line(168, 151, 139),
    "Sales and marketing": line(124, 117, 118),
    "Field and calibration services": line(113, 97, 86),
    "Administration": line(66, 64, 64),
}
EMPLOYEES_BY_COUNTRY = {
    "Netherlands": line(438, 411, 402),
    "Portugal": line(176, 164, 158),
    "Canada": line(121, 107, 98),
    "Singapore": line(63, 58, 59),
    "Other countries": line(44, 41, 39),
}
EMPLOYEES = add(*EMPLOYEES_BY_FUNCTION.values())
PERSONNEL_COSTS = {
    "Wages and salaries": line(42_386, 38_914, 36_872),
    "Social security contributions": line(7_205, 6_537, 6_121),
    "Pension contributions": line(3_518, 3_164, 2_945),
    "Share-based payments": SHARE_BASED,
}

DEBT_MATURITIES = {
    "Within one year": line(6_000, 9_000, 5_000),
    "Between one and two years": line(6_000, 6_000, 9_000),
    "Between two and five years": line(15_500, 18_000, 15_500),
    "After five years": line(2_500, 6_000, 4_500),
}
LEASE_MATURITIES = {
    "Within one year": line(3_040, 2_886, 2_771),
    "Between one and five years": line(6_312, 6_128, 6_590),
    "After five years": line(1_254, 1_097, 1_683),
}
STATUTORY_RATE = 0.25
TAX_AT_STATUTORY_RATE = {
    year: -round(PROFIT_BEFORE_TAX[year] * STATUTORY_RATE + 0.25) for year in YEARS
}
TAX_NON_DEDUCTIBLE = line(-398, -346, -291)
TAX_RESEARCH_CREDIT = line(905, 612, 470)
TAX_OTHER = {
    year: INCOME_TAX[year]
    - TAX_AT_STATUTORY_RATE[year]
    - TAX_NON_DEDUCTIBLE[year]
    - TAX_RESEARCH_CREDIT[year]
    for year in YEARS
}
PROPERTY_BY_CLASS = {
    "Land and buildings": line(19_842, 19_305, 18_760),
    "Plant and test equipment": line(16_370, 14_918, 14_205),
    "Fittings and vehicles": {
        year: PROPERTY[year] - first - second
        for year, first, second in zip(
            YEARS, (19_842, 19_305, 18_760), (16_370, 14_918, 14_205), strict=True
        )
    },
}
INVENTORIES_BY_KIND = {
    "Raw materials and components": line(14_208, 12_866, 13_715),
    "Work in progress": line(5_317, 4_902, 5_044),
    "Finished goods": {
        year: INVENTORIES[year] - first - second
        for year, first, second in zip(
            YEARS, (14_208, 12_866, 13_715), (5_317, 4_902, 5_044), strict=True
        )
    },
}

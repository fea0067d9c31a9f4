"""A small report of our own with the tables that the tests of rows and look-ups ask about."""

REPORT = """Harrow Tools plc
Consolidated Balance Sheets
(in millions of euros) 2024 2023
Assets
Cash and cash equivalents 41.5 38.0
Inventories 120 100
Total current assets 310 290
Total assets 905 870
Liabilities and equity
Total current liabilities 155 160
Total liabilities 500 510
Total equity 405 360

Harrow Tools plc
Consolidated Income Statements
(in millions of euros) 2024 2023
Net sales 1,200 1,000
Cost of sales (720) (640)
Research and
development expenses (84) (70)
Operating income 150 110
Net income 96 72

Notes
Deliveries were slow in spring. A strike closed the yard for three days in May 2024, and
the board thanks everyone who worked through it.
Inventory write-downs by site, in thousands of euros
2024 2023
Leeds 410 380
Porto 95 -
"""

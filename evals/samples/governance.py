"""Risk factors, boards and pay in Brindlemoor's annual report. Knows prose only."""

from .annual_report import LOOK
from .layout import Story, new_page

RISKS = (
    (
        "Public budgets",
        "About 80% of our revenue comes from public bodies. When budgets are cut or elections "
        "delay decisions, tenders slip. In 2024 two postponed tenders cost Hydrology an estimated "
        "3.5 million euros of revenue.",
    ),
    (
        "Dependence on a single supplier",
        "The ceramic pressure cells in all Dipper and Sandling instruments come from one supplier, "
        "Kestrop Ceramics. We hold a safety stock of five months. A second source is being "
        "qualified and is expected to be approved by June 2026. Until then an interruption at "
        "Kestrop of more than five months would stop production of these instruments.",
    ),
    (
        "Exchange rates",
        "We earn about a quarter of our revenue in US and Canadian dollars. We hedge 70% of the "
        "expected net dollar cash flows of the next twelve months with forward contracts. A dollar "
        "that is 10% weaker for a whole year would lower operating profit by about 1.8 million "
        "euros after hedging.",
    ),
    (
        "Interest rates",
        "Of our borrowings at the year end, 60% carried a fixed rate. A rise in market rates of "
        "one percentage point would raise yearly finance costs by about 120 thousand euros.",
    ),
    (
        "Product liability and safety at sea",
        "Mariners rely on our readings. A wrong reading could contribute to an accident. Liability "
        "insurance covers up to 25 million euros per event with a deductible of 100 thousand "
        "euros. No claim has exceeded the deductible in the past ten years.",
    ),
    (
        "Information security",
        "Tideline receives about 190 million readings a day. A breach could expose customers to "
        "false data. We were the target of a phishing campaign in January 2025; two mailboxes were "
        "opened by the attackers, no customer data was taken, and operations were not interrupted. "
        "We do not carry separate cyber insurance.",
    ),
    (
        "Lithium batteries",
        "New transport rules for lithium batteries take effect in January 2027. We expect to "
        "change the battery packs of four products and estimate the cost at 0.9 million euros, of "
        "which 0.2 million euros was spent in 2025.",
    ),
    (
        "Climate and weather",
        "Storms can damage the Port Ashby quay, where finished buoys wait for shipment. A storm in "
        "October 2022 closed the quay for eleven days. A breakwater, paid for together with the "
        "town, was finished in August 2024.",
    ),
    (
        "Legal proceedings",
        "A former distributor in Osterra claims 2.2 million euros for the termination of its "
        "contract. We consider the claim unfounded and have not made a provision for it. A hearing "
        "is set for spring 2026. There are no other material proceedings.",
    ),
)

PEOPLE = (
    ("Ines Thorvane", "Chair of the Supervisory Board", "2019", "2027"),
    ("Gregor Palanquin", "Supervisory Board, audit committee chair", "2021", "2029"),
    ("Sunniva Achterberg", "Supervisory Board", "2023", "2027"),
    ("Marit Ooststrand", "Chief Executive Officer", "2020", "2028"),
    ("Ruben Calloway", "Chief Financial Officer", "2022", "2026"),
    ("Amara Delacroy", "Chief Operating Officer", "2025", "2029"),
)


def story() -> Story:
    """Risk factors, boards and pay."""
    story = LOOK.heading("Risk factors")
    story += LOOK.text(
        "The Executive Board reviews the risks below every quarter. They are listed in no "
        "particular order."
    )
    for title, text in RISKS:
        story += LOOK.heading(title, 3) + LOOK.text(text)
    story += LOOK.heading("Governance")
    header = ["Name", "Role", "In office since", "Term ends"]
    story += LOOK.table(header, PEOPLE, [1.5, 2.6, 1, 0.8], prose=True)
    story += LOOK.text(
        "The Supervisory Board met seven times in 2025. Its members may not hold more than four "
        "other board seats, may not supervise a competitor, and may not be granted shares or "
        "options of the company. Members of the Executive Board must hold shares worth at least "
        "one year's base salary within five years of joining. The external auditor, Halvard & "
        "Steen Accountants, has been in office since 2018 and must rotate after 2027.",
    )
    header = ["Pay of the Executive Board, in thousands of euros", "Base", "Bonus", "Pension"]
    rows = [
        ["Marit Ooststrand, 2025", "485", "218", "73"],
        ["Marit Ooststrand, 2024", "470", "141", "71"],
        ["Ruben Calloway, 2025", "360", "151", "54"],
        ["Ruben Calloway, 2024", "345", "97", "52"],
        ["Amara Delacroy, 2025 (from March)", "192", "80", "29"],
    ]
    return story + LOOK.table(header, rows) + new_page()

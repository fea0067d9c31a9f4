"""A fictional customer's request for proposal with numbered questions. Knows prose only."""

from .layout import Look, Story, gap, new_page

LOOK = Look(
    title="Saltmere Harbour Trust - Request for proposal SHT-2025-17",
    author="Saltmere Harbour Trust",
    subject="Request for proposal: weather buoys and data service",
    footer="Saltmere Harbour Trust  |  Request for proposal SHT-2025-17",
    colour="#7a2f3d",
)

QUESTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "A. The bidder",
        (
            "State the full legal name, the registered office and the year of foundation of your "
            "company.",
            "State your total revenue for each of the last three fiscal years.",
            "State your operating profit for the last fiscal year and the year before.",
            "How many people do you employ, and how many of them work in field and calibration "
            "services?",
            "What share of your revenue came from your largest customer in the last fiscal year?",
            "What is the ratio of your net debt to EBITDA?",
            "Name your external auditor.",
            "Describe any legal proceedings in which your company is involved.",
            "State the limit and the deductible of your product liability insurance.",
        ),
    ),
    (
        "B. The buoys",
        (
            "Which of your buoys is suitable for a mooring depth of 65 metres, and which for 140 "
            "metres?",
            "State the weight of each offered buoy without its mooring.",
            "State the lowest operating temperature of each offered buoy.",
            "State the survival wave height and the survival wind speed of each offered buoy.",
            "How many days can each offered buoy work without sun?",
            "State the accuracy of the wind speed and wave height measurements.",
            "Is a satellite link available for each offered buoy?",
            "What is the range of the navigation light? We require at least 3 nautical miles.",
            "Is a current profiler included, and to what depth does it measure?",
            "What is the largest current in which each offered buoy may be moored?",
        ),
    ),
    (
        "C. Delivery, warranty and price",
        (
            "State the delivery time from order for each offered buoy.",
            "State the length of the warranty for the buoy and for its batteries.",
            "Can the warranty be extended, for how long and under which conditions?",
            "Which kinds of damage are excluded from the warranty?",
            "State the list price of each offered buoy and of its mooring kit.",
            "What is the total price of six coastal buoys and two offshore buoys, each with its "
            "mooring kit, at list price?",
            "What discount do you offer on an order of this size?",
            "How often must each offered buoy be serviced, and what does a visit cost?",
        ),
    ),
    (
        "D. Data and information security",
        (
            "Where is customer data stored? Does any of it leave the European Economic Area?",
            "How is data encrypted in transit and at rest?",
            "What are the recovery time objective and the recovery point objective of your data "
            "service?",
            "Within what time do you respond to an incident in which customer data was exposed?",
            "Within what time do you inform customers of a breach that concerns their data?",
            "Do you require multi-factor authentication? Which second factors are not allowed?",
            "How long do you keep security logs and customer measurement data?",
            "Is your company certified to ISO/IEC 27001? If so, enclose the certificate.",
            "How quickly do you fix critical weaknesses on systems that can be reached from the "
            "internet?",
            "Has your company suffered a security incident in the last two years? Describe it.",
        ),
    ),
    (
        "E. Sustainability and references",
        (
            "State your Scope 1 and 2 emissions for the last fiscal year and your target for "
            "reducing them.",
            "Describe how you take back buoys at the end of their life.",
            "Name three harbours in which your buoys have been in use for at least five years.",
        ),
    ),
)


def story() -> Story:
    """The whole request."""
    story = LOOK.text("Request for proposal SHT-2025-17", style="title")
    story += LOOK.text(
        "Weather buoys and data service for the approaches to Saltmere", style="subtitle"
    )
    story += LOOK.note(
        "Saltmere Harbour Trust, Custom House Quay, Saltmere. Issued 3 November 2025."
    )
    story += LOOK.heading("1. What we want to buy")
    story += LOOK.text(
        "Saltmere Harbour Trust runs a port with 3,150 ship calls a year. We want to replace the "
        "five weather buoys in the approaches, which date from 2008, by eight new ones: six for "
        "coastal positions with a depth of up to 65 metres and two for offshore positions with a "
        "depth of 140 metres. We also want a data service that brings the readings to our control "
        "room and to pilots at sea, for at least five years.",
        "The winter ice in the inner bay seldom lasts more than two weeks and has not been thicker "
        "than 12 centimetres since 1996. Only the two innermost coastal positions are affected. "
        "Our own workboat has a crane with a capacity of 800 kilograms.",
        "The Trust has set aside a budget of 640,000 euros for the purchase of the buoys including "
        "their moorings. The data service is paid for from another budget. Proposals above the "
        "budget will not be opened to negotiation.",
    )
    story += LOOK.heading("2. What the buoys must do")
    story += LOOK.table(
        ["Requirement", "Coastal positions", "Offshore positions"],
        [
            ["Number of buoys", "6", "2"],
            ["Depth of water", "up to 65 m", "140 m"],
            ["Lowest air temperature", "-12 °C", "-18 °C"],
            ["Highest significant wave", "7 m", "12 m"],
            ["Strongest current", "2.2 m/s", "3.1 m/s"],
            ["Distance to the nearest radio mast", "up to 14 km", "up to 23 km"],
            ["Navigation light, at least", "3 nautical miles", "4 nautical miles"],
            ["Operation without sun, at least", "20 days", "30 days"],
            ["Warranty, at least", "24 months", "36 months"],
        ],
        [2, 1.3, 1.3],
    )
    story += LOOK.text(
        "Readings of wind, waves, air pressure and water temperature are needed every ten minutes. "
        "The offshore buoys must also measure the current profile. A reading must reach the "
        "control room no later than two minutes after it was taken. The data service must be "
        "available at least 99.5% of each month, and readings must stay online for five years. "
        "We do not need a storm-surge forecast, but bidders may offer one as an option at a price "
        "of its own.",
        "The five old buoys are taken ashore by the Trust and do not form part of this request. "
        "Buoys must be yellow, must carry the name SALTMERE on both sides, and may not carry the "
        "bidder's advertising.",
    )
    story += LOOK.heading("3. Calendar")
    story += LOOK.table(
        ["Step", "Date"],
        [
            ["Questions from bidders, in writing, no later than", "24 November 2025"],
            ["Answers to all bidders", "1 December 2025"],
            ["Proposals due", "19 December 2025, 12:00"],
            ["Presentations by the two best bidders", "20 and 21 January 2026"],
            ["Award", "16 February 2026"],
            ["First four buoys in position", "15 June 2026"],
            ["All eight buoys in position", "30 September 2026"],
        ],
        [2, 1.4],
    )
    story += LOOK.heading("4. How proposals are judged")
    story += LOOK.table(
        ["Criterion", "Weight"],
        [
            ["Price over five years", "40%"],
            ["Technical quality", "30%"],
            ["Service and warranty", "15%"],
            ["Information security", "10%"],
            ["Sustainability", "5%"],
            ["Total", "100%"],
        ],
        [2, 1],
        totals=[5],
    )
    story += LOOK.heading("5. Rules for bidders")
    story += LOOK.bullets(
        [
            "Proposals are written in English and sent as one PDF file of no more than 60 pages.",
            "Bidders must not contact members of the Trust's board about this request. Questions "
            "go to the procurement officer, Philippa Marchetti-Lund, in writing.",
            "A proposal that leaves a question of section 6 unanswered is scored with zero points "
            "for that question but is not excluded.",
            "Joint proposals are allowed. Subcontractors must be named, and no more than 30% of "
            "the contract value may be subcontracted.",
            "The Trust does not pay for the preparation of proposals.",
            "A bid bond is not required. The winner provides a performance bond of 5% of the "
            "contract value.",
            "If delivery is late, the price is reduced by 0.5% for each full week, up to 10%.",
            "Payment: 20% on order, 60% on delivery, 20% after acceptance; invoices are paid "
            "within 45 days.",
        ]
    )
    story += new_page() + LOOK.heading("6. Questions to the bidder")
    story += LOOK.text("Please repeat the number of each question in your proposal.")
    count = 0
    for title, questions in QUESTIONS:
        story += LOOK.heading(title, 2)
        labelled = []
        for text in questions:
            count += 1
            labelled.append((f"Q{count}", text))
        story += LOOK.numbered(labelled, space=7)
    story += gap(4)
    return story + LOOK.note(
        "Saltmere Harbour Trust is invented. This request was written as a sample document for the "
        "Workings project."
    )

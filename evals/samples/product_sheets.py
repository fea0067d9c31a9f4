"""Two product sheets of look-alike weather buoys. Knows their specifications and no layout."""

from .layout import Look, Story, new_page

AUTHOR = "Brindlemoor Instruments N.V."
LOOK_210 = Look(
    title="Curlew 210 Coastal Weather Buoy - Product sheet",
    author=AUTHOR,
    subject="Product sheet BR-PS-210, revision F",
    footer="Brindlemoor Instruments  |  Curlew 210  |  BR-PS-210 revision F, May 2025",
    colour="#b4531f",
    serif=False,
)
LOOK_240 = Look(
    title="Curlew 240 Offshore Weather Buoy - Product sheet",
    author=AUTHOR,
    subject="Product sheet BR-PS-240, revision B",
    footer="Brindlemoor Instruments  |  Curlew 240  |  BR-PS-240 revision B, June 2025",
    colour="#1f5fb4",
    serif=False,
)

SPECIFICATIONS = (
    ("Hull diameter", "2.1 m", "2.4 m"),
    ("Total height above the water", "2.9 m", "3.4 m"),
    ("Weight without mooring", "486 kg", "612 kg"),
    ("Maximum depth of water at the mooring", "80 m", "240 m"),
    ("Operating temperature", "-15 to +45 °C", "-25 to +50 °C"),
    ("Storage temperature", "-30 to +60 °C", "-30 to +60 °C"),
    ("Survival wave height", "9 m", "14 m"),
    ("Survival wind speed", "50 m/s", "62 m/s"),
    ("Solar panels", "3 x 40 W", "4 x 55 W"),
    ("Battery", "lead-acid, 210 Ah at 12 V", "lithium iron phosphate, 320 Ah at 12 V"),
    ("Operation without sun", "21 days", "35 days"),
    ("Range of the UHF radio link", "18 km", "25 km"),
    ("Range of the navigation light", "3 nautical miles", "5 nautical miles"),
    ("Data interval", "10 min (1 min on request)", "10 min (1 min on request)"),
    ("Internal memory", "16 GB", "32 GB"),
    ("Protection class of the electronics", "IP67", "IP68"),
    ("Service interval", "12 months", "18 months"),
)
SENSORS = (
    ("Wind speed", "0 to 60 m/s", "0 to 75 m/s", "±0.3 m/s", "±0.3 m/s"),
    ("Wind direction", "0 to 360°", "0 to 360°", "±3°", "±2°"),
    ("Air temperature", "-40 to +60 °C", "-40 to +60 °C", "±0.2 °C", "±0.1 °C"),
    ("Air pressure", "800 to 1,100 hPa", "600 to 1,100 hPa", "±0.3 hPa", "±0.15 hPa"),
    ("Significant wave height", "0 to 15 m", "0 to 20 m", "±2%", "±1%"),
    ("Water temperature", "-2 to +35 °C", "-4 to +40 °C", "±0.05 °C", "±0.05 °C"),
    ("Current profile", "optional, to 40 m", "included, to 120 m", "±1 cm/s", "±0.5 cm/s"),
)
ORDERS = {
    210: (
        ("210-100", "Curlew 210 with UHF radio", "38,900"),
        ("210-150", "Curlew 210 with UHF radio and 4G modem", "40,700"),
        ("210-CP", "Current profiler, 40 m", "9,850"),
        ("210-MK", "Mooring kit for up to 80 m", "4,260"),
        ("210-SV", "Yearly service visit (coastal waters)", "2,900"),
    ),
    240: (
        ("240-100", "Curlew 240 with UHF radio and satellite modem", "64,500"),
        ("240-150", "Curlew 240 with UHF radio, 4G and satellite modem", "66,200"),
        ("240-LW", "Second navigation light", "1,340"),
        ("240-MK", "Mooring kit for up to 240 m", "11,780"),
        ("240-SV", "Service visit (offshore, vessel not included)", "6,400"),
    ),
}


def _sheet(look: Look, column: int, intro: tuple[str, ...], rest: Story) -> Story:
    model = (0, 210, 240)[column]
    title, kind = look.title.split(" - ")[0].rsplit(" ", 3)[0], ("", "Coastal", "Offshore")[column]
    story = look.text(title, style="title")
    story += look.text(f"{kind} weather buoy", style="subtitle")
    story += look.text(*intro)
    story += look.heading("Specifications")
    rows = [(name, *values) for name, *values in SPECIFICATIONS]
    story += look.table(
        ["Property", f"Curlew {model}"], [[each[0], each[column]] for each in rows], [1.4, 1.2]
    )
    story += new_page()
    story += look.heading("Sensors")
    story += look.table(
        ["Measured quantity", "Range", "Accuracy"],
        [[name, sensor[column - 1], sensor[column + 1]] for name, *sensor in SENSORS],
        [1.4, 1.2, 1],
    )
    story += rest
    story += look.heading("How to order")
    story += look.table(
        ["Order code", "Item", "List price in euros"], ORDERS[model], [0.8, 3, 1.1], left=2
    )
    return story + look.note(
        "Prices without value-added tax, ex works Port Ashby, valid until 31 December 2025. "
        "Brindlemoor may change specifications without notice."
    )


def curlew_210() -> Story:
    """The smaller, coastal buoy."""
    look = LOOK_210
    rest = look.heading("Warranty and service")
    rest += look.text(
        "The Curlew 210 carries a warranty of 24 months from delivery on the hull, the electronics "
        "and the sensors. Batteries are covered for 12 months. The warranty can be extended to 48 "
        "months if the yearly service is carried out by Brindlemoor. Damage by collision, ice, "
        "birds or vandalism is not covered.",
        "The delivery time is 10 weeks from order. The buoy is not suitable for waters with drift "
        "ice, and it must not be moored where the current is stronger than 2.5 m/s.",
    )
    rest += look.heading("Included in delivery")
    rest += look.bullets(
        [
            "Buoy with sensors, navigation light and radar reflector",
            "Calibration certificates for all sensors",
            "12 months of the Tideline data service for one station",
            "Lifting strop and tool kit; the mooring is ordered separately",
        ]
    )
    intro = (
        "The Curlew 210 is made for harbours, bays and coastal shelves. Two people can launch it "
        "from a workboat with a small crane. It reports wind, waves, pressure and temperature "
        "every ten minutes over UHF radio or, as an option, over the 4G telephone network. A "
        "satellite modem is not available for this model.",
        "More than 1,900 buoys of the Curlew 200 series have been delivered since 2009.",
    )
    return _sheet(look, 1, intro, rest)


def curlew_240() -> Story:
    """The larger, offshore buoy."""
    look = LOOK_240
    rest = look.heading("Warranty and service")
    rest += look.text(
        "The Curlew 240 carries a warranty of 36 months from delivery on the hull, the electronics "
        "and the sensors. Batteries are covered for 24 months. The warranty can be extended to 60 "
        "months if every service is carried out by Brindlemoor. Damage by collision, birds or "
        "vandalism is not covered; damage by drift ice is covered up to a thickness of 15 cm.",
        "The delivery time is 16 weeks from order. The buoy must not be moored where the current "
        "is stronger than 4.0 m/s. It cannot be launched from a vessel with a crane capacity of "
        "less than 1,000 kg.",
    )
    rest += look.heading("Included in delivery")
    rest += look.bullets(
        [
            "Buoy with sensors, current profiler, navigation light and radar transponder",
            "Calibration certificates for all sensors",
            "24 months of the Tideline data service for one station",
            "Lifting strop, tool kit and spare wind sensor; the mooring is ordered separately",
        ]
    )
    intro = (
        "The Curlew 240 is made for the open sea. Its one-piece hull, larger batteries and "
        "satellite modem let it work for a year and a half without a visit. It reports wind, "
        "waves, currents, pressure and temperature every ten minutes over UHF radio or satellite "
        "and switches to the other link when one fails.",
        "The Curlew 240 succeeds the Curlew 230, which is no longer made. Spare parts for the "
        "Curlew 230 will be available until the end of 2032.",
    )
    return _sheet(look, 2, intro, rest)

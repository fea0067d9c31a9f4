"""The tables of Brindlemoor's information security policy, as data."""

ABOUT = (
    ("Owner", "Chief Information Security Officer (Tobias Wren-Okafor)"),
    ("Approved by", "Executive Board, 12 June 2025"),
    ("Next review", "June 2026"),
    ("Replaces", "Version 4.1 of 1 March 2024"),
)

RETENTION = (
    ("Accounting records and invoices", "7 years", "End of the fiscal year"),
    ("Calibration certificates and raw calibration data", "15 years", "Date of the certificate"),
    ("Contracts and tenders that were won", "10 years", "End of the contract"),
    ("Tenders that were lost", "2 years", "Date of the decision"),
    ("Personnel files", "5 years", "Last day of employment"),
    ("Applications of people who were not hired", "4 weeks", "Date of the refusal"),
    ("E-mail", "3 years", "Date of receipt"),
    ("Security logs of Tideline", "18 months", "Date of the entry"),
    ("Security logs of other systems", "12 months", "Date of the entry"),
    ("Visitor registers", "6 months", "Date of the visit"),
    ("Customer measurement data", "as agreed; at least 5 years", "Date of the measurement"),
)

SEVERITIES = (
    ("1  Critical", "Customer data exposed, or Tideline down", "15 minutes", "1 hour", "4 hours"),
    ("2  High", "One site or one key system affected", "1 hour", "4 hours", "1 working day"),
    ("3  Medium", "A few users affected", "4 hours", "1 working day", "5 working days"),
    ("4  Low", "No effect yet", "1 working day", "none", "20 working days"),
)

HISTORY = (
    ("4.2", "1 July 2025", "Artificial-intelligence services; hardware keys"),
    ("4.1", "1 March 2024", "Fennick Data included; SMS no longer allowed"),
    (
        "4.0",
        "15 January 2023",
        "Rewritten; passwords no longer expire; minimum raised from 12 to 14",
    ),
    ("3.6", "1 September 2020", "Working from home"),
)

DEFINITIONS = (
    ("Administrator account", "An account that can change the rights of other accounts."),
    (
        "Incident",
        "An event that harmed, or could have harmed, the secrecy, correctness or "
        "availability of information.",
    ),
    ("Personal account", "An account that belongs to one named person."),
    ("Production system", "A system that customers or several departments depend on."),
    ("Recovery point objective", "The longest span of time whose data may be lost."),
    ("Recovery time objective", "The longest time until a system works again after a failure."),
    ("Removable media", "Memory sticks, memory cards, portable disks and optical disks."),
    ("Vault", "The encrypted store for Secret information, run by the security team."),
)

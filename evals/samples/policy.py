"""Brindlemoor's information security policy. Knows prose only."""

from .layout import Look, Story, gap
from .policy_tables import ABOUT, DEFINITIONS, HISTORY, RETENTION, SEVERITIES

LOOK = Look(
    title="Brindlemoor Instruments N.V. - Information Security Policy",
    author="Brindlemoor Instruments N.V.",
    subject="Information security policy, version 4.2",
    footer="Brindlemoor Instruments N.V.  |  Information Security Policy, version 4.2  |  Internal",
    colour="#5a3d7a",
    serif=False,
)

Clauses = tuple[str, tuple[str, ...]]

BEFORE_TABLES: tuple[Clauses, ...] = (
    (
        "Purpose and scope",
        (
            "This policy protects the information of Brindlemoor, of its customers and of its "
            "partners. It applies to every employee, apprentice, contractor and temporary worker, "
            "at every site and when working from home.",
            "It covers all systems that store or process company information, including the "
            "Tideline data service, laboratory computers and private telephones that are used for "
            "company mail. It does not cover the firmware inside instruments that have been sold; "
            "for these the Product Security Standard applies.",
            "MUST and MUST NOT mark rules without discretion. SHOULD marks a rule that may be left "
            "aside for a good reason, which is then written down.",
        ),
    ),
    (
        "Roles",
        (
            "The Chief Information Security Officer (CISO) owns this policy, reviews it once a "
            "year and reports to the Executive Board every quarter.",
            "Every system MUST have a named system owner. A system without an owner is switched "
            "off after 30 days.",
            "Line managers make sure that their people complete the security training within 14 "
            "days of joining and once every 12 months after that.",
            "Nobody may approve their own request for access, an exception to this policy, or a "
            "change to a production system.",
        ),
    ),
    (
        "Classification of information",
        (
            "Information is classified as Public, Internal, Confidential or Secret. Information "
            "without a mark is treated as Internal.",
            "Confidential information MUST be encrypted when it leaves the company network. It may "
            "be shared with third parties only under a signed confidentiality agreement.",
            "Secret information (for example unpublished results, tender prices, private keys) "
            "MUST NOT be sent by e-mail, even encrypted, and MUST NOT be stored on removable "
            "media. It is kept in the vault only.",
            "Customer measurement data in Tideline is Confidential unless the customer has "
            "published it.",
        ),
    ),
    (
        "Passwords and sign-in",
        (
            "Passwords of personal accounts MUST have at least 14 characters. Passwords of "
            "administrator accounts MUST have at least 20 characters. No rules about special "
            "characters apply.",
            "Passwords do not expire on a schedule. They MUST be changed within 24 hours when "
            "there is reason to believe that somebody else knows them.",
            "The last 10 passwords MUST NOT be used again. Passwords found on a list of leaked "
            "passwords are rejected.",
            "An account is locked for 30 minutes after 8 failed attempts. An administrator account "
            "is locked after 5 failed attempts and is unlocked by the service desk only.",
            "Multi-factor authentication is mandatory for all remote access, for e-mail and for "
            "administrator accounts. Text messages (SMS) MUST NOT be used as a second factor; an "
            "authenticator app or a hardware key is required.",
            "Shared accounts are forbidden, except on laboratory computers without a network "
            "connection.",
            "A session is locked after 10 minutes without activity; on computers in production "
            "halls after 30 minutes.",
        ),
    ),
    (
        "Access",
        (
            "Access follows the need to know. It is requested by the line manager and granted by "
            "the system owner.",
            "Access rights are reviewed every six months, and every three months for administrator "
            "rights. Rights that are not confirmed within 15 working days are withdrawn.",
            "When somebody leaves, their accounts MUST be disabled on the last working day, before "
            "18:00. In the case of a dismissal they are disabled before the conversation takes "
            "place.",
            "Suppliers receive access for at most 90 days at a time. Supplier sessions on "
            "production systems are recorded.",
            "Production data MUST NOT be copied to test systems unless personal data has been "
            "removed and the CISO has agreed in writing.",
        ),
    ),
    (
        "Devices and working from elsewhere",
        (
            "Only devices managed by the company may connect to the internal network. Visitors use "
            "the guest network, which is separated from it.",
            "The disks of all laptops MUST be encrypted. A lost or stolen device MUST be reported "
            "to the service desk within 4 hours of noticing the loss.",
            "Private laptops MUST NOT be used for company work. Private telephones may be used for "
            "mail and calendar if they are enrolled in device management.",
            "Software MUST be installed from the company catalogue. Anything else needs a request "
            "to the service desk, which decides within three working days.",
            "Company data MUST NOT be entered into artificial-intelligence services on the "
            "internet, except into those on the list of approved services, and never data that is "
            "Confidential or Secret.",
        ),
    ),
    (
        "Encryption and keys",
        (
            "Data in transit over public networks is protected with TLS 1.2 or later. TLS 1.0 and "
            "1.1 are switched off.",
            "Data at rest in Tideline is encrypted with AES-256. Keys are kept in a hardware "
            "security module in Lindhaven, with a second one in Vale do Cavo.",
            "Encryption keys are replaced every 12 months; signing keys for firmware every 36 "
            "months. Private keys MUST NOT leave the hardware security module.",
        ),
    ),
    (
        "Patches and weaknesses",
        (
            "Weaknesses are rated by the security team. Critical ones MUST be fixed within 7 days "
            "on systems that can be reached from the internet and within 14 days on all others; "
            "high ones within 30 days; medium ones within 90 days. Low ones have no deadline.",
            "Systems that no longer receive security updates MUST NOT be connected to the internal "
            "network. Laboratory instruments with an old operating system may run without a "
            "network connection.",
            "An outside company tests the Tideline service for weaknesses once a year and after "
            "every major release.",
        ),
    ),
    (
        "Backup and recovery",
        (
            "Databases of production systems are backed up every 6 hours, file servers every "
            "night. Workstations are not backed up; work belongs on a file server.",
            "One copy of every backup is kept at another site at least 100 kilometres away. One "
            "copy per week is kept offline.",
            "Restoring MUST be practised twice a year. A backup that has never been restored does "
            "not count as a backup.",
            "For Tideline the recovery time objective is 4 hours and the recovery point objective "
            "is 15 minutes. For the planning system they are 24 hours and 6 hours.",
        ),
    ),
)

AFTER_RETENTION: tuple[Clauses, ...] = (
    (
        "Incidents",
        (
            "Everyone MUST report a suspected incident to the service desk at once, by telephone "
            "on extension 4455. Nobody will be blamed for reporting a mistake of their own.",
            "The times in the table below count from the report. Outside office hours they apply "
            "to severity 1 and 2 only.",
        ),
    ),
)

CLOSING: tuple[Clauses, ...] = (
    (
        "Suppliers and cloud services",
        (
            "Suppliers that process Confidential information MUST hold a valid ISO/IEC 27001 "
            "certificate or pass an assessment by the security team before the contract is "
            "signed. The assessment is repeated every two years.",
            "Customer data MUST be stored within the European Economic Area. Backups of customer "
            "data are no exception.",
            "Contracts contain the right to audit, a duty to report incidents within 24 hours, and "
            "the return or deletion of data within 30 days of the end of the contract.",
        ),
    ),
    (
        "Buildings and visitors",
        (
            "Visitors are registered, wear a badge and are accompanied at all times. In the "
            "calibration laboratories photography is forbidden.",
            "Recordings of cameras are kept for 28 days. There are no cameras in offices, canteens "
            "or changing rooms.",
            "Server rooms may be entered only by the people on the list kept by the facilities "
            "manager. Cleaning staff are never left alone in a server room.",
        ),
    ),
    (
        "Logs and monitoring",
        (
            "Sign-ins, changes of rights and administrator actions are logged on every production "
            "system. Logs MUST NOT be changed or deleted by the people whose actions they record.",
            "The content of private messages is not monitored. The security team may look into a "
            "mailbox only with the written consent of the works council and the CISO, and the "
            "owner is told within 10 working days.",
            "The clocks of all systems are synchronised with two independent time sources and may "
            "differ by no more than one second.",
        ),
    ),
    (
        "E-mail and messages",
        (
            "Company mail MUST NOT be forwarded automatically to private addresses.",
            "Attachments larger than 25 megabytes are sent through the file exchange, where they "
            "are deleted after 14 days.",
            "Invitations to change a supplier's bank account are checked by telephone, using a "
            "number that was known before. Two people MUST approve the change.",
            "The security team sends practice phishing messages four times a year. Results are "
            "reported for departments, never for single persons.",
        ),
    ),
    (
        "Exceptions",
        (
            "An exception is requested in writing from the CISO. It states the reason, the risk "
            "and the measures that replace the rule.",
            "An exception is valid for at most 6 months and may be renewed once. Exceptions that "
            "concern Secret information need the approval of the Chief Executive Officer as well.",
            "No exception may be granted from clauses 3.3, 4.5 and 11.1.",
        ),
    ),
    (
        "Breaches of this policy",
        (
            "Deliberate breaches may lead to disciplinary measures up to dismissal. Honest "
            "mistakes that are reported promptly do not.",
            "Questions go to the security team at extension 4460. The service desk cannot give "
            "binding answers about this policy.",
        ),
    ),
)


def _clauses(first: int, parts: tuple[Clauses, ...]) -> Story:
    story: Story = []
    for part, (title, clauses) in enumerate(parts, start=first):
        story += LOOK.heading(f"{part}. {title}")
        story += LOOK.numbered(
            [(f"{part}.{clause}", text) for clause, text in enumerate(clauses, start=1)]
        )
    return story


def story() -> Story:
    """The whole policy."""
    story = LOOK.text("Information Security Policy", style="title")
    story += LOOK.text("Brindlemoor Instruments N.V.", style="subtitle")
    story += LOOK.note("Version 4.2, in force from 1 July 2025. Classification: Internal.")
    story += gap(4)
    story += LOOK.table(
        ["Document", "Value"],
        ABOUT,
        [1, 3],
        prose=True,
    )
    story += _clauses(1, BEFORE_TABLES)
    story += LOOK.heading("10. Retention")
    story += LOOK.numbered(
        [
            ("10.1", "Records are kept for the periods in the table below and are then deleted."),
            (
                "10.2",
                "Records that are needed for a legal dispute MUST NOT be deleted until the legal "
                "department releases them, even when the period has ended.",
            ),
        ]
    )
    story += LOOK.table(
        ["Record", "Kept for", "Counted from"], RETENTION, [2.4, 1.5, 1.5], prose=True
    )
    story += _clauses(11, AFTER_RETENTION)
    header = ["Severity", "Example", "First response", "Update every", "Target to resolve"]
    story += LOOK.table(header, SEVERITIES, [1, 2.2, 1.1, 1.1, 1.3], prose=True)
    story += LOOK.numbered(
        [
            (
                "11.3",
                "A breach of personal data is reported to the data protection authority within 72 "
                "hours. Customers whose data is concerned are informed within 48 hours.",
            ),
            (
                "11.4",
                "Employees MUST NOT speak to the press or write about an incident on social media. "
                "Only the communications department does so.",
            ),
            (
                "11.5",
                "Ransom MUST NOT be paid. Only the Executive Board may decide otherwise, "
                "unanimously and after hearing the police.",
            ),
            (
                "11.6",
                "After every incident of severity 1 or 2 a review is written within 10 working "
                "days. Its purpose is to learn, not to find somebody guilty.",
            ),
        ]
    )
    story += _clauses(12, CLOSING)
    story += LOOK.heading("18. History of changes")
    header = ["Version", "Date", "Main changes"]
    story += LOOK.table(header, HISTORY, [0.7, 1.3, 4], prose=True)
    story += LOOK.heading("Annex A. Definitions")
    return story + LOOK.table(["Term", "Meaning"], DEFINITIONS, [1.2, 4], prose=True)

"""Groups of everyday and business English words that may stand for one another in a question.

Knows words only, of no document or field in particular. Looser than the synonyms of `terms`: a
word of a group is a hint that a sentence is about the same thing, never a proof.
"""

LOOSE = """
laptop notebook computer pc machine workstation
phone telephone mobile cellphone smartphone handset call ring
vendor supplier provider seller subcontractor contractor
subcontract subcontractor outsource outsourced farm
login logins log sign account credential credentials password
lock locked block blocked freeze frozen
attempt try tries guess
disable disabled deactivate revoke withdraw withdrawn close shut remove switch
fire fired dismiss dismissed dismissal sack sacked terminate laid
resign resigned leave leaves left quit departure depart exit
hire hired recruit recruited join joining joined employ appoint appointed
boss head chief manager director leader
executive board management director leadership
shareholder investor owner stockholder
stake share holding interest owns holds shareholding
biggest largest main principal greatest top most
smallest least lowest fewest minimum shortest
shortest minimum least
longest maximum most
approve approved approval sign signed authorise authorised clear cleared agree
approve consent permission
exception waiver exemption exempt derogation
allow allowed permit permitted may let able
forbid forbidden ban banned prohibit prohibited disallow
must mandatory required obligatory compulsory need have obliged
optional voluntary
sms text texted texts message messages
mail mailbox email e-mail inbox
camera cameras cctv video footage surveillance recording
visitor visitors guest guests
office premises building buildings site
fire blaze burn burned burnt
burglary theft stolen steal stole nicked robbed
lost lose loss losing missing
destroy destroyed destruction wreck burnt lost
damage damaged harm hurt injury
stock inventory inventories goods
warehouse storage store depot storehouse
rent rented lease leased hire tenancy
takeover acquisition acquire purchase buy bought merger
sale sell sold dispose disposal divest divested
factory plant works production
finance financed financing fund funded funding money paid pay
loan credit borrowing debt facility lend lender bank
interest rate coupon
guarantee warranty guaranteed cover covered
insurance insured insurer premium policy cover covers
bond deposit security collateral
bid bids tender tenders offer offers proposal proposals
bidder tenderer supplier offeror
unsuccessful lost rejected failed
win winner won winning successful awarded
evaluate score scores scored weight weighting criterion criteria judged points
late delay delayed delays overdue behind tardy
penalty damages deducted reduction reduced fine liquidated
deliver delivery delivered ship shipped shipping shipment hand dispatch handover
deadline due latest closing submit submitted
question questions query queries enquiry clarification
spare replacement parts components
part parts component components
replace replaced replacement swap swapped change changed exchange renew
predecessor replaces successor forerunner earlier former
discontinue discontinued withdrawn ended service out
new newly latest recent
anchor anchoring mooring moor chain
buoy buoys
float floating hull
antenna aerial
modem radio link connection
charge charged recharge battery
battery batteries cell
solar sun panel panels
wave waves sea swell
wind gust gusts gale
storm surge
forecast prediction predict predicted outlook expected expects projection projected guidance
accuracy accurate precision precise error exact
range span limits limit
temperature hot cold heat warm
waterproof watertight water submersion
colour color paint painted coating
material made built hull
weigh weight heavy mass kg load
size dimension dimensions big large diameter
life lifetime lifespan lasts last endurance
duration period term length long
last lasts endure survive withstand
maintenance service serviced servicing upkeep
repair repaired fix fixed mend
calibrate calibration calibrated
test tested tests testing trial check checked
check checks checked verify verified inspection inspect control
confirm confirmed confirmation verify
order orders ordered
backlog orders
revenue sales turnover income takings
profit earnings income result gain surplus
result profit
loss deficit shortfall negative
overhead overheads administrative administration general expenses
salary pay wage remuneration base compensation
bonus variable incentive
pension retirement
cash money liquidity
receivable receivables owe owed owing debtors
payable payables owe creditors
impairment write-down writedown write impaired
provision provisions reserve set
restructuring reorganisation
dividend payout distribution
buyback repurchase repurchased purchase treasury
tax taxation taxes
currency exchange dollar euro sterling foreign
hedge hedging hedged
employee staff worker workers colleague colleagues headcount people
team group unit
department division segment business
country region area territory
customer client buyer
competitor rival
lawsuit litigation claim claims claiming sued sue suing court dispute legal proceedings
auditor auditors accountant accountants books audit
rotate rotation replaced swap swapped change
chair chairman chairwoman chairperson chairs presides
member members sit seats
meeting meetings session
vote votes voting
gender women woman female men
train training course courses taught instruction
apprentice apprentices trainee trainees
accident accidents injury injuries
sickness absence sick ill
strike walkout
emission emissions carbon co2 greenhouse footprint
electricity power energy renewable
waste scrap recycling recycled
patent patents intellectual
software program programme firmware application app
version release edition
update updated upgrade upgraded
bug error fault problem issue
fault failure fails failed break broken breakdown outage down
outage downtime down unavailable unavailability
available availability uptime
speed fast quick quickly rate
respond response reply react reaction answer
resolve resolved fix fixed solve solved
severity severe serious critical
critical severe serious
vulnerability vulnerabilities weakness weaknesses flaw flaws hole holes
patch patched fix fixed patches
incident incidents breach event hack hacked attack leak
attack attacked hacker hackers intrusion cyberattack intruder
cyber security it information
breach breached leak leaked exposed exposure
virus malware ransomware
ransom extortion blackmail demand
authority regulator watchdog
press journalist journalists media reporter newspaper
police law
encrypt encrypted encryption cipher scrambled aes
key keys
backup backups copy copies saved save
restore restored restoring recover recovery
offline disconnected
recovery restore rto
distance away apart kilometres km far
keep kept retain hold held hang store stored save saved archive archived remain stay stays
delete deleted erase destroyed destroy wipe wiped discard shredded removed
record records file files paperwork papers document documents
contract agreement deal
sign signed signature
end ends expire expires expiry finish lapse over
begin start commence launch launched
renew renewed renewal extend extended extension prolong
cancel cancelled terminate
notice notification notify warn
tell inform report notify told informed
ask request requested apply application
applicant applicants application applications candidate candidates
invoice invoices bill bills billing
payment pay paid payable settle
discount rebate reduction
price cost list charge fee
cheap cheaper inexpensive low
expensive dearer costlier
bank account iban
supplier vendor
cloud hosted hosting server servers
server servers
network lan wifi wi-fi internet
remote home elsewhere
removable usb stick drive media
disk disks drive
screen session display
desk workplace workstation
idle inactivity activity inactive unattended
administrator admin administrators privileged
reuse reused again repeat
character characters digit digits letters
factor authentication two-step two-factor mfa
artificial-intelligence ai chatbot chatgpt
install installed installation set up
connect connected connection plug attach
copy copied export duplicate
format formats
export exported download downloaded pull extract
quota limit maximum cap
limit cap ceiling maximum limits
tier plan package subscription
plan plans package tier subscription
alarm alarms alert alerts
station stations
reading readings measurement measurements
flag flags mark marked
map maps
helpdesk desk support service
harbour port
boat vessel workboat ship
crane lift hoist
load lifting capacity
sensor sensors instrument instruments
river stream
experience experienced worked background came before career
reason because cause caused due why
improve improved better
worse fell lower deteriorated
reduce reduced cut cuts shave shaved save saves saving less shorter lower
increase add added raise raised rose more
new additional extra
place location located site
headquarters head office seat
language english
page pages
attach annex appendix enclose
reference references
certificate certified certification iso
standard standards norm
law jurisdiction governing governed
owner owns responsible accountable
responsible charge accountable owner owns
review reviewed check checked
practise practised exercise drill rehearsed
spend spent expenditure expense cost invested
worth value carrying book amount
carry carrying book
yearly annually annual year
monthly month
weekly week
daily day
hour hours
minute minutes
"""
"""A group a line. A word may stand in several."""

IDIOMS = (
    (r"\bh[oa]ng(?:ing)? on to\b|\bhold(?:ing)? on to\b|\bstays? on (?:file|record)\b", "keep"),
    (r"\bfarm(?:ed)? out\b|\bpass(?:ed)? on to other (?:firms|companies)\b", "subcontract"),
    (r"\bg[eo]t(?:ting)? rid of\b", "sold"),
    (r"\bshuts? (?:off|down)\b|\bswitch(?:es|ed)? off\b|\bturn(?:s|ed)? off\b", "disable"),
    (r"\bcut off\b", "disable"),
    (r"\bpart number\b|\barticle number\b|\bproduct code\b", "order code"),
    (r"\bknocked out\b|\bgoes? down\b|\bwent down\b", "affected"),
    (r"\b(?:behind schedule|overdue|too late)\b", "late"),
    (r"\bsign(?:s|ed)? off(?: on)?\b", "approved"),
    (r"\blog(?:ging|ged)?[- ](?:in|on)\b", "sign-in"),
    (r"\bswap(?:ped)? out\b", "replaced"),
    (r"\bleav(?:e|es|ing) out\b|\bnot cover(?:ed)?\b", "exclude"),
    (r"\bput(?:s|ting)? into\b", "spend on"),
    (r"\bwrit(?:e|ten|ing) down\b|\bwrite[- ]downs?\b", "impairment"),
    (r"\bwrit(?:e|ten|ing)[- ]off\b", "impairment"),
    (r"\bmake(?:s)? any money\b|\bmade any money\b", "gain"),
    (r"\bhears? from\b|\bheard from\b|\bget(?:s|ting)? word\b", "informed by"),
    (r"\bset aside\b", "provision"),
    (r"\bin charge of\b", "responsible for"),
    (r"\bon average,? how much\b", "how much on average"),
    (r"\bstep(?:s|ped)? down\b", "leave"),
    (r"\btook over\b|\btakes? over\b", "acquired"),
    (r"\bpen[- ]?test\w*\b", "outside test for weaknesses"),
    (r"\bclose of (?:fiscal|the year|the fiscal)\b", "end of fiscal"),
    (r"\bthe year before\b|\bthe previous year\b|\bthe prior year\b", "the year before"),
    (r"\bgo(?:es|ing)? up\b|\bwent up\b", "rise"),
    (r"\bc(?:ome|ame|omes) down\b", "fall"),
    (r"\bat the moment\b|\bas things stand\b", ""),
)
"""Everyday phrases and the plain word for each."""

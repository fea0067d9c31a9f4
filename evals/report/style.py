"""How the page looks: one style sheet, light and dark, from a phone's width up. Knows no data."""

STYLE = """
:root{color-scheme:light dark;
--bg:#fbfaf7;--card:#fff;--ink:#1c2430;--soft:#5b6675;--line:#e3e0d8;--grid:#edeae3;
--pass:#1f7a5a;--fail:#c0392b;--warn:#a86a00;--blue:#2b5fb3;--passbg:#e3f2eb;--failbg:#fae6e3;
--warnbg:#fbf0da;--bluebg:#e4edf9;--code:#f3f1eb}
@media(prefers-color-scheme:dark){:root{
--bg:#14171c;--card:#1c2128;--ink:#e6e9ee;--soft:#9aa5b3;--line:#313843;--grid:#2a303a;
--pass:#5cc79b;--fail:#f08a7d;--warn:#e5b25a;--blue:#7fb0f5;--passbg:#17352a;--failbg:#42211d;
--warnbg:#3a2d13;--bluebg:#1b2c47;--code:#242a33}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:1120px;margin:0 auto;padding:0 20px}
header{padding-top:36px}
h1{font-size:26px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:18px;margin:0 0 4px;letter-spacing:-.005em}
p{margin:0 0 10px}
.lead,.note,.soft{color:var(--soft)}
.lead{overflow-wrap:anywhere}
.note{font-size:13px;margin:8px 0 0;overflow-wrap:anywhere}
a{color:var(--blue)}
a:focus-visible,summary:focus-visible,input:focus-visible+label{outline:2px solid var(--blue);
outline-offset:2px;border-radius:4px}
code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--code);
padding:1px 5px;border-radius:4px;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;margin:22px 0}
.tile,.card{background:var(--card);border:1px solid var(--line);border-radius:12px}
.tile{padding:14px 16px}
.tile .k{font-size:13px;color:var(--soft);overflow-wrap:anywhere}
.tile .v{font-size:27px;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums}
.tile .s{font-size:13px;color:var(--soft);font-variant-numeric:tabular-nums}
.card{padding:20px 22px;margin:0 0 16px;min-width:0}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:16px;
margin-bottom:16px;align-items:stretch}
.two .card{margin:0}.two>:last-child:nth-child(odd){grid-column:1/-1}
.sub{color:var(--soft);font-size:14px;margin:0 0 14px}
table{border-collapse:collapse;width:100%}
th,td{padding:7px 10px 7px 0;text-align:left;vertical-align:middle;border-top:1px solid var(--grid)}
thead th{border-top:0;font-size:12.5px;font-weight:500;color:var(--soft);padding-top:0}
tbody th{font-weight:500;overflow-wrap:break-word;width:24%;min-width:150px}
table+table{margin-top:20px}
.notes{border:0;margin-top:8px;font-size:13px;color:var(--soft)}.notes summary{padding:4px 0}
.notes li{overflow-wrap:anywhere}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td small{color:var(--soft);font-size:12px}
td.n:last-child,th.n:last-child{padding-right:0}
td.plot{width:46%;min-width:150px;padding-right:18px}
svg{display:block;width:100%;overflow:visible}
svg text{fill:var(--soft);font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
svg text.on{fill:var(--ink)}
.axis{stroke:var(--line);stroke-width:1}.zero{stroke:var(--soft);stroke-width:1}
.ci{stroke:var(--c,var(--blue));stroke-width:6;stroke-linecap:round;opacity:.35}
.dot{fill:var(--c,var(--blue))}.ring{fill:var(--card);stroke:var(--c,var(--soft));stroke-width:2}
.band{fill:var(--grid)}
.better,.won,.pass{--c:var(--pass);--b:var(--passbg)}.worse,.lost,.fail,.error{--c:var(--fail);
--b:var(--failbg)}.inconclusive,.unscored{--c:var(--warn);--b:var(--warnbg)}
.equivalent{--c:var(--blue);--b:var(--bluebg)}
.pill{display:inline-block;padding:1px 9px;border-radius:99px;background:var(--b);color:var(--c);
font-size:13px;font-weight:600;white-space:nowrap}
.verdict{border-left:5px solid var(--c);background:var(--b);border-radius:8px;padding:12px 16px;
margin:18px 0 0;overflow-wrap:anywhere}
.verdict strong{color:var(--c)}
.bar-pass{fill:var(--pass)}.bar-fail{fill:var(--fail)}.bar{fill:var(--blue)}
.key{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13px;color:var(--soft);margin:8px 0 0}
.key i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px;
background:var(--c)}
.grid2{display:grid;grid-template-columns:auto 1fr 1fr;gap:6px;max-width:520px;font-size:14px}
.cell{border-radius:8px;padding:12px;background:var(--b,var(--code));color:var(--c,var(--ink))}
.cell b{display:block;font-size:24px;line-height:1.1;font-variant-numeric:tabular-nums}
.grid2 .h{color:var(--soft);font-size:13px;align-self:center;padding:2px 6px 2px 0}
ul.flat{list-style:none;margin:0;padding:0}
details{border-top:1px solid var(--grid)}
summary{cursor:pointer;padding:9px 0;display:flex;gap:10px;align-items:baseline;list-style:none}
summary::-webkit-details-marker{display:none}
summary .pill{flex:none;min-width:62px;text-align:center}
summary .q{flex:1;min-width:0;overflow-wrap:anywhere}
summary .id{flex:none;color:var(--soft);font-size:13px;max-width:30%;overflow-wrap:anywhere}
.in{padding:2px 0 14px 72px}
dl{display:grid;grid-template-columns:110px 1fr;gap:4px 14px;margin:0}
dt{color:var(--soft);font-size:13.5px}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
.filter{position:absolute;opacity:0;width:1px;height:1px}
.filters{display:flex;flex-wrap:wrap;gap:8px;margin:0 0 10px}
.filters label{cursor:pointer;border:1px solid var(--line);border-radius:99px;padding:3px 12px;
font-size:13.5px;color:var(--soft)}
footer{padding:8px 20px 40px;color:var(--soft);font-size:13px}
@media(max-width:640px){
main,header,footer{padding-left:14px;padding-right:14px}header{padding-top:22px}
.card{padding:16px 14px}.tile .v{font-size:23px}.tiles{grid-template-columns:1fr 1fr}
table.rows thead{display:none}
table.rows,table.rows tbody{display:block;width:100%}
table.rows tr{display:flex;flex-wrap:wrap;gap:0 14px;border-top:1px solid var(--grid);padding:8px 0}
table.rows th,table.rows td{border:0;padding:0;text-align:left;width:auto}
table.rows tbody th{width:100%}table.rows td.plot{width:100%;min-width:0;padding:4px 8px}
table.rows td[data-k]::before{content:attr(data-k) " ";color:var(--soft);font-size:12.5px}
.in{padding-left:0}summary{flex-wrap:wrap}summary .q{flex-basis:70%}summary .id{max-width:100%}
dl{grid-template-columns:1fr}dt{margin-top:5px}}
@media print{details{break-inside:avoid}.filters{display:none}}
"""
FILTERS = ("all", "fail", "error", "pass", "unscored", "flipped")
"""Cases can be narrowed to these, without a script: a radio button for each."""


def filter_rules() -> str:
    """The rules that hide what a chosen filter leaves out."""
    rules = []
    for name in FILTERS:
        chosen = f"#f-{name}:checked~.filters label[for=f-{name}]"
        rules.append(f"{chosen}{{background:var(--ink);color:var(--bg);border-color:var(--ink)}}")
        rules.append(f"#f-{name}:focus-visible~.filters label[for=f-{name}]"
                     "{outline:2px solid var(--blue);outline-offset:2px}")  # fmt: skip
        if name != "all":
            rules.append(f"#f-{name}:checked~.cases>details:not(.{name}){{display:none}}")
    return "\n".join(rules)

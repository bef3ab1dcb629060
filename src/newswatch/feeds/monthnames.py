"""Months by name, and time zones by their letters, as feeds write them."""

from __future__ import annotations

# January to December; as they stand in dates (genitive where a language has one), and shortened.
_MONTHS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
    "янв февр мар апр мая июн июл авг сент окт нояб дек",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "січ лют бер кві тра чер лип сер вер жов лис гру",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jan feb mär apr mai jun jul aug sept okt nov dez",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago set oct nov dic",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "oca şub mar nis may haz tem ağu eyl eki kas ara",
)
MONTHS: dict[str, int] = {name: at for names in _MONTHS for at, name in enumerate(names.split(), 1)}
"""Case-folded names to numbers; no name stands for two months."""

ZONES: dict[str, int] = {
    "UTC": 0, "UT": 0, "GMT": 0, "Z": 0, "WET": 0, "ГРИНВИЧ": 0,
    "BST": 60, "WEST": 60, "CET": 60, "MET": 60, "WAT": 60, "CEST": 120, "MEST": 120, "EET": 120, "SAST": 120,
    "CAT": 120, "EEST": 180, "MSK": 180, "МСК": 180, "EAT": 180, "TRT": 180, "MSD": 240, "SAMT": 240, "GST": 240,
    "AZT": 240,
    "AMT": 240, "GET": 240, "YEKT": 300, "PKT": 300, "UZT": 300, "TJT": 300, "TMT": 300, "IST": 330, "NPT": 345,
    "ALMT": 360, "KGT": 360, "BDT": 360, "OMST": 360, "ICT": 420, "WIB": 420, "NOVT": 420, "KRAT": 420, "SGT": 480,
    "HKT": 480, "PHT": 480, "MYT": 480, "AWST": 480, "IRKT": 480, "JST": 540, "KST": 540, "YAKT": 540, "AEST": 600,
    "VLAT": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
    "ART": -180, "BRT": -180, "EDT": -240, "AST": -240, "EST": -300, "CDT": -300, "COT": -300, "PET": -300,
    "CST": -360, "MDT": -360, "MST": -420, "PDT": -420, "PST": -480, "AKDT": -480, "AKST": -540, "HST": -600,
}  # fmt: skip
"""Minutes east of Greenwich. Letters that stand for several zones are read as news feeds use them: IST is India's, BST
Britain's, CST and AST North America's."""

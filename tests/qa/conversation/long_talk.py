"""A conversation of 30 turns about five invented articles: what is asked, what it means, and the answer."""

ARTICLES = [
    "President Oleg Brandt called for a ceasefire on Monday in Lowen. His spokesman, Karel Vint, said the fighting had to "
    "stop before winter. The Bresian government rejected the call.",
    "In the clash at Green Ford, 12 Tolanian soldiers were killed and 31 Tolanian soldiers were wounded. "
    "Nine Bresian soldiers were killed in the clash, a Bresian general said. Colonel Mara Olden led the Tolanian soldiers.",
    "The Halvard company sold its glass factory in 1999. The factory went to the Dorn group for 40 million marks. Halvard is "
    "based in Nordhaven. Sabine Reuter founded Halvard in 1921. She had been a chemist.",
    "The Orm bridge was opened in 1883. Engineer Tilda Kranz designed the Orm bridge. It is 412 metres long. A storm damaged "
    "the Orm bridge in 1950. She also designed the harbour of Skael.",
    "Robin Tarn won the Kaland marathon in 2019. Mr Tarn trained in the Ulmen mountains. He finished in 129 minutes. Petra "
    "Sund won the Kaland marathon in 2021.",
]

TURNS = [
    ("Who called for a ceasefire?", "Who called for a ceasefire?", "President Oleg Brandt"),
    ("When?", "When did President Oleg Brandt call for a ceasefire?", "Monday"),
    ("Where?", "Where did President Oleg Brandt call for a ceasefire?", "Lowen"),
    ("Who is his spokesman?", "Who is President Oleg Brandt's spokesman?", "Karel Vint"),
    ("Which government rejected the call?", "Which government rejected the call?", "Bresian"),
    (
        "How many Tolanian soldiers were killed in the clash at Green Ford?",
        "How many Tolanian soldiers were killed in the clash at Green Ford?",
        "12",
    ),
    (
        "And how many were wounded?",
        "How many Tolanian soldiers were wounded in the clash at Green Ford?",
        "31",
    ),
    (
        "And how many were killed?",
        "How many Tolanian soldiers were killed in the clash at Green Ford?",
        "12",
    ),
    ("What about Bresia?", "How many Bresian soldiers were killed in the clash at Green Ford?", "Nine"),
    ("Who led the Tolanian soldiers?", "Who led the Tolanian soldiers?", "Colonel Mara Olden"),
    ("When did the Halvard company sell its factory?", "When did the Halvard company sell its factory?", "1999"),
    ("Where is it based?", "Where is the Halvard company based?", "Nordhaven"),
    ("Who founded Halvard?", "Who founded Halvard?", "Sabine Reuter"),
    ("When?", "When did Sabine Reuter found Halvard?", "1921"),
    ("What had she been?", "What had Sabine Reuter been?", "a chemist"),
    ("Who designed the Orm bridge?", "Who designed the Orm bridge?", "Engineer Tilda Kranz"),
    ("When was it opened?", "When was the Orm bridge opened?", "1883"),
    ("How long is it?", "How long is the Orm bridge?", "412 metres"),
    ("When did a storm damage it?", "When did a storm damage the Orm bridge?", "1950"),
    ("Which harbour did Tilda Kranz design?", "Which harbour did Tilda Kranz design?", "Skael"),
    ("Who won the Kaland marathon in 2019?", "Who won the Kaland marathon in 2019?", "Robin Tarn"),
    ("Where did he train?", "Where did Robin Tarn train?", "Ulmen mountains"),
    ("Who won the Kaland marathon in 2019?", "Who won the Kaland marathon in 2019?", "Robin Tarn"),
    ("And in 2021?", "Who won the Kaland marathon in 2021?", "Petra Sund"),
    ("How long is the Orm bridge?", "How long is the Orm bridge?", "412 metres"),
    ("Who designed it?", "Who designed the Orm bridge?", "Engineer Tilda Kranz"),
    ("Who led the Tolanian soldiers?", "Who led the Tolanian soldiers?", "Colonel Mara Olden"),
    ("Who called for a ceasefire?", "Who called for a ceasefire?", "President Oleg Brandt"),
    ("When was that?", "When did President Oleg Brandt call for a ceasefire?", "Monday"),
    ("Who is his spokesman?", "Who is President Oleg Brandt's spokesman?", "Karel Vint"),
]

"""Words that tell persons, and men from women: titles, nouns and first names, in lower case; closed lists."""


def word_set(text: str) -> frozenset[str]:
    """The words of ``text`` as a set."""
    return frozenset(text.split())


MALE_TITLES = word_set("mr sir king prince lord duke emperor tsar sultan father brother baron sheikh pope count bishop")
FEMALE_TITLES = word_set("mrs ms miss queen princess lady duchess empress madam dame mother sister baroness countess")
MALE_NOUNS = word_set(
    "man boy husband son spokesman father brother king prince uncle nephew grandfather chairman emperor actor"
)
FEMALE_NOUNS = word_set(
    "woman girl wife daughter spokeswoman mother sister queen princess aunt niece grandmother chairwoman empress actress"
)
PERSON_NOUNS = (
    MALE_NOUNS
    | FEMALE_NOUNS
    | word_set(
        "president minister chancellor premier leader mayor governor senator general colonel captain commander chief chair "
        "director doctor professor judge lawyer officer official spokesperson ambassador diplomat author writer poet "
        "artist painter singer composer scientist inventor player coach manager owner founder chairperson secretary person "
        "candidate victim suspect witness teacher student engineer architect historian philosopher economist journalist "
        "dr prof archbishop saint st coordinator deputy representative expert analyst inspector researcher biologist chemist "
        "farmer nurse pilot champion bishop referee trainer dealer prosecutor detective mediator negotiator trader driver "
        "organiser organizer founder head boss widow lawmaker mp ceo investigator surgeon treasurer auditor"
    )
)
PERSON_TITLES = MALE_TITLES | FEMALE_TITLES | PERSON_NOUNS
MALE_NAMES = word_set(
    "vladimir john james william robert michael david richard joseph thomas charles george edward henry peter paul mark "
    "luke matthew andrew stephen steven daniel anthony donald kenneth brian kevin jason jeffrey ryan jacob gary eric "
    "jonathan larry justin scott frank raymond gregory samuel benjamin patrick jack dennis alexander ivan dmitry sergei "
    "boris mikhail nikolai igor oleg viktor hans karl friedrich wilhelm otto heinrich johann franz louis pierre jean "
    "jacques francois antoine napoleon carlos juan jose luis miguel pedro pablo diego giovanni marco antonio giuseppe "
    "mohammed muhammad ahmed ali hassan hussein omar ibrahim abdul mustafa martin simon adam arthur albert alfred ernest "
    "isaac walter harold fred leo max tom bill bob jim joe steve mike dan sam ben tim warren philip nelson"
)
FEMALE_NAMES = word_set(
    "mary patricia jennifer linda elizabeth barbara susan jessica sarah karen nancy lisa margaret betty sandra ashley "
    "kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca laura sharon cynthia kathleen amy "
    "angela anna ana anne ann brenda emma nicole helen samantha katherine catherine christine maria marie julia olga "
    "natalia irina elena tatiana svetlana sofia sophia eva ella nina clara rosa lucia isabella victoria alice jane joan "
    "ruth diana charlotte caroline florence fatima aisha leila zoe marta greta angelina hillary theresa kate"
)

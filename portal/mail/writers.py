"""Who puts the words of a mail together when it goes out, by the name in its row."""

from collections.abc import Callable, Mapping

from django.core.mail import EmailMultiAlternatives

from portal.mail import comments, digest, ladder, news, turns
from portal.mail.written import Drop, Later
from portal.models import OutgoingMail

__all__ = ["WRITERS", "Drop", "Later", "Writer"]

Writer = Callable[[OutgoingMail], EmailMultiAlternatives | Drop | Later]

WRITERS: Mapping[str, Writer] = {
    "news": news.news_write,
    "turn": turns.turn_write,
    "ladder": ladder.ladder_write,
    "comments": comments.comments_write,
    "digest": digest.digest_write,
}

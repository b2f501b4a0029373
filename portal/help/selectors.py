"""What a page shows of the help."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.safestring import SafeString

from portal.help.rendering import help_html
from portal.help.topics import topic_of_step
from portal.models import HelpText
from portal.steps import Journey, StepStatus, StepView


@dataclass(frozen=True)
class StepHelp:
    """The help of one step: the line that unfolds it, its text, whether it is open, and where."""

    title: str | Promise
    html: SafeString
    unfolded: bool
    first: bool


def step_help(
    journey: Journey, step: StepView | None, *, answered: bool = False
) -> StepHelp | None:
    """The help of the step that is shown with its body; one query. None where there is none.

    `answered`: the step shows what the org said, which leads; the help is folded below it.
    """
    topic = topic_of_step(step.key) if step is not None else None
    if step is None or topic is None:
        return None
    # Nobody has to do anything: it is done, or the org is being asked.
    quiet = step.finished or step.status == StepStatus.CHECKING
    written = HelpText.objects.filter(topic=topic.key).values_list("body", flat=True).first()
    epoch = journey.facts.epoch(step.environment)
    return StepHelp(
        title=topic.title,
        html=help_html(written or str(topic.body), epoch.instance_url if epoch else ""),
        unfolded=topic.unfolded and not quiet and not answered,
        first=topic.first and not quiet,
    )

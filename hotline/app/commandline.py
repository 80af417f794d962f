"""The command line, composed of every package's commands."""

from __future__ import annotations

import typer
from typer import rich_utils

from agents.callers.commands import app as callers
from agents.directory.commands import app as people
from agents.moments.commands import app as queue
from agents.reports.commands import command as report
from agents.staffing.commands import app as staffing
from hotline.api.commands import app as api
from hotline.app import benchmarks, demonstration, figures, installation, running, screens
from hotline.asterisk.commands import commands as asterisk_commands
from hotline.bench.commands import app as bench
from hotline.casework.commands import app as services
from hotline.jobs.commands import app as jobs
from hotline.messages.commands import app as messages
from hotline.public.commands import advice
from hotline.store.commands import app as db
from hotline.tickets.commands import app as tickets
from hotline.web.commands import app as user
from ivr.commands import app as ivr
from knowledge_base.cards.commands import app as card_checks
from knowledge_base.library.commands import app as statutes
from knowledge_base.search.commands import app as searches
from knowledge_base.search.commands import evaluations as search_evaluations
from knowledge_base.topics.commands import app as topics
from knowledge_base.topics.commands import evaluations as topic_evaluations
from transcripts.commands import app as transcripts
from transcripts.commands import evaluations as speech_evaluations
from transcripts.redaction.commands import app as redaction
from transcripts.review.commands import app as review
from transcripts.scoring.commands import app as scoring
from transcripts.scoring.commands import evaluations as fact_evaluations

# What typer itself says around our Chinese help.
rich_utils.COMMANDS_PANEL_TITLE = "命令"
rich_utils.OPTIONS_PANEL_TITLE = "选项"
rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
rich_utils.ERRORS_PANEL_TITLE = "用法有误"

cli = typer.Typer(
    name="hotline",
    help="12348 公共法律服务热线：从来电到经过核对的答复。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

cli.command("demo")(demonstration.demo)
cli.command("init")(installation.init)
cli.command("doctor")(installation.doctor)
cli.command("serve")(running.serve)
cli.command("work")(running.work)
cli.command("screens")(screens.screens)

cli.add_typer(db, name="db")
cli.add_typer(jobs, name="jobs")
cli.add_typer(tickets, name="tickets")
cli.add_typer(callers, name="callers")
cli.add_typer(asterisk_commands(installation.prepare), name="asterisk")
ivr.command("advice")(advice)
cli.add_typer(ivr, name="ivr")
cli.add_typer(services, name="services")
cli.add_typer(user, name="user")
cli.add_typer(people, name="people")
cli.add_typer(api, name="api")
cli.add_typer(messages, name="messages")
bench.command("web")(benchmarks.web)
bench.command("quality")(benchmarks.quality)
cli.add_typer(bench, name="bench")
cli.add_typer(staffing)
cli.add_typer(queue, name="queue")
cli.command("report")(report(figures.rates))
cli.add_typer(transcripts)
cli.add_typer(scoring)
cli.add_typer(redaction)
cli.add_typer(review, name="review")

kb = typer.Typer(help="知识库：导入法规、检索、核对要点卡。", no_args_is_help=True)
kb.add_typer(statutes)
kb.add_typer(searches)
kb.add_typer(topics)
kb.add_typer(card_checks)
cli.add_typer(kb, name="kb")

evaluations = typer.Typer(
    help="评测：用带答案的数据量出检索、分类、语音识别和事实核对的水平。", no_args_is_help=True
)
evaluations.add_typer(speech_evaluations)
evaluations.add_typer(search_evaluations)
evaluations.add_typer(topic_evaluations)
evaluations.add_typer(fact_evaluations)
cli.add_typer(evaluations, name="eval")

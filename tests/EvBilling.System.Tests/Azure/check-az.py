"""Reads commands of the Azure CLI from stdin, one a line as a shell would take it, and has the CLI's own parser look at each: that the command is there, its
options are known, those that it needs are given, and values are of their lists. Nothing is run, and nothing is asked of the network. Prints "ok" or what the
parser says, a line each."""
import contextlib, io, os, shlex, sys, tempfile

os.environ.update(AZURE_CORE_COLLECT_TELEMETRY="no", AZURE_EXTENSION_USE_DYNAMIC_INSTALL="no", AZURE_CONFIG_DIR=tempfile.mkdtemp(), AZURE_EXTENSION_DIR=tempfile.mkdtemp())
from azure.cli.core import commands, get_default_cli
from azure.cli.core.parser import AzCliCommandParser
from knack.events import EVENT_INVOKER_POST_PARSE_ARGS


class Understood(Exception):
    pass


class Refused(Exception):
    pass


def refuse(_, message):
    raise Refused(message)


def check_value(_, action, value):
    if action.choices is not None and value not in action.choices:
        raise Refused(f"'{value}' is not one of: {', '.join(map(str, action.choices))}"[:200])


def stop(*_, **__):
    raise Understood


AzCliCommandParser.error = refuse
# The CLI's own would ask a server for suggestions.
AzCliCommandParser._check_value = check_value
# Files that options name by @ are not there.
commands._expand_file_prefixed_files = lambda words: words

for line in sys.stdin:
    said = io.StringIO()
    try:
        cli = get_default_cli()
        cli.register_event(EVENT_INVOKER_POST_PARSE_ARGS, stop)
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            invocation = cli.invocation_cls(cli_ctx=cli, parser_cls=cli.parser_cls, commands_loader_cls=cli.commands_loader_cls, help_cls=cli.help_cls)
            cli.invocation = invocation
            invocation.execute(shlex.split(line)[1:])
        print("refused: nothing was parsed", flush=True)
    except Understood:
        print("ok", flush=True)
    except (Refused, SystemExit) as e:
        print(f"refused: {e} {said.getvalue()}".replace("\n", " ").strip(), flush=True)

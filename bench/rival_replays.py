"""Each rival, handed the same agent: records it its own way, and judges a changed one.

`record(url)` gives what the rival keeps of the unchanged agent; `judge(kept, url, change)` raises
`Seen` when the rival reports a difference, with the call that it names, if it names one.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from rival_agent import SCRIPTS, Change, build, course, given


class Seen(Exception):
    """A change was caught; `call` is the number of the call that is named, or None."""

    def __init__(self, call=None):
        super().__init__(call)
        self.call = call


class Workings:
    name = "Workings"

    def record(self, url):
        from workings import record

        recorded = record(build(url, Change()))
        recorded.invoke(given())
        return recorded.trace

    def judge(self, trace, url, change):
        from workings import replay

        if change.result:
            number, edit = change.result
            tools = [step for step in trace.steps if step.kind == "tool"]
            step = tools[number]
            result = {**step.result, "content": edit(step.result["content"])}
            new = step.model_copy(update={"result": result})
            steps = tuple(new if item is step else item for item in trace.steps)
            trace, change = trace.model_copy(update={"steps": steps}), replace(change, result=())
        found = replay(trace, graph=build(url, change))
        if found.status != "identical":
            raise Seen(found.divergences[0].step)


class Reenact:
    name = "reenact 0.2.0"

    def run(self, session, url, change):
        wrap = lambda item: session.tool(item, side_effect="read_only")  # noqa: E731
        build(url, change, session.chat_model, wrap).invoke(given(), {"recursion_limit": 40})

    def record(self, url):
        from reenact.session import Session

        with Session.record() as session:
            self.run(session, url, Change())
        return session.trajectory

    def judge(self, trajectory, url, change):
        from reenact.replay import DivergenceError
        from reenact.session import Session

        if change.result:
            number, edit = change.result
            trajectory = trajectory.model_copy(deep=True)
            event = [event for event in trajectory.events if event.type == "tool_call"][number]
            event.result = edit(event.result)
            change = replace(change, result=())
        places = {event.seq: n for n, event in enumerate(trajectory.events, 1)}
        try:
            with Session.replay(trajectory) as session:
                self.run(session, url, change)
                found = session.finish()
        except DivergenceError as error:
            raise Seen(places.get(error.divergence.seq)) from None
        if found is not None:
            raise Seen(places.get(found.seq))


class Vcr:
    def __init__(self, name, *match):
        self.name = name
        self.match = match

    def cassettes(self):
        import vcr

        return vcr.VCR(match_on=self.match or vcr.VCR().match_on)

    def record(self, url):
        path = Path(tempfile.mkdtemp()) / "cassette.yaml"
        with self.cassettes().use_cassette(str(path), record_mode="once"):
            build(url, Change()).invoke(given())
        return path

    def judge(self, path, url, change):
        with self.cassettes().use_cassette(str(path), record_mode="none") as cassette:
            try:
                build(url, change).invoke(given(), {"recursion_limit": 40})
            except Exception:
                raise Seen(self.call(url, cassette.play_count)) from None
            if not cassette.all_played:
                raise Seen(self.call(url, cassette.play_count))

    def call(self, url, played):
        models = course(list(SCRIPTS)[int(url.split("/")[3])]).models
        return models[played] if played < len(models) else None


class AgentEvals:
    name = "agentevals 0.0.9, strict"

    def run(self, url, change):
        from langchain_core.messages import convert_to_openai_messages

        found = build(url, change).invoke(given(), {"recursion_limit": 40})
        return convert_to_openai_messages(found["messages"])

    def record(self, url):
        return self.run(url, Change())

    def judge(self, reference, url, change):
        from agentevals.trajectory.match import create_trajectory_match_evaluator

        match = create_trajectory_match_evaluator(trajectory_match_mode="strict")
        if not match(outputs=self.run(url, change), reference_outputs=reference)["score"]:
            raise Seen


RIVALS = (
    Workings(),
    Reenact(),
    Vcr("vcrpy 9.4.2, body matched", "method", "scheme", "host", "port", "path", "query", "body"),
    Vcr("vcrpy 9.4.2, as it comes"),
    AgentEvals(),
)

"""Draws the menu as a caller goes through it, from left to right, as one SVG picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ivr.deploy import Compiled
from ivr.model import ADVICE, CALLBACK, PERSON, PROGRESS, STATION, VOICEMAIL
from ivr.plan import LANGUAGE_SCENE, PAUSE, Exit, Scene
from ivr.svg import AMBER, BLUE, FAINT, GREEN, GREY, TEXT, VIOLET, Box, Drawing, Ink, wrap
from ivr.words import hours_lines

_LEFT, _MIDDLE, _RIGHT = 40.0, 420.0, 980.0
_LEFT_WIDTH, _MIDDLE_WIDTH, _RIGHT_WIDTH = 320.0, 500.0, 300.0
_TOP, _GAP, _ROW = 104.0, 28.0, 44.0
_WIDTH = 1_320.0

_ENDS: Mapping[str, tuple[str, Ink]] = {
    PERSON: ("转人工", GREEN),
    VOICEMAIL: ("留言", AMBER),
    CALLBACK: ("登记回电", AMBER),
    PROGRESS: ("查询进度", BLUE),
    ADVICE: ("听录音解答", BLUE),
}


def draw(compiled: Compiled, topics: Mapping[str, str]) -> str:
    """Return the picture as SVG; ``topics`` are code → name."""
    return _Picture(compiled, topics).draw()


class _Picture:
    def __init__(self, compiled: Compiled, topics: Mapping[str, str]) -> None:
        self.compiled, self.topics = compiled, topics
        self.plan = compiled.plan
        self.canvas = Drawing()

    def draw(self) -> str:
        self.canvas.text(_LEFT, 52, self.plan.title, 26, TEXT, bold=True)
        numbers = "、".join(number for number, _ in self.plan.numbers)
        self.canvas.text(
            _LEFT, 80, f"拨打 {numbers} · 随时按 0 转人工 · 不按键或按错键也转人工", 14, FAINT
        )
        notice = self._said_card("接通后先告知", self.compiled.source.menu.notice, _TOP, BLUE)
        night = self._night_card(notice.bottom + _GAP)
        skip = self._said_card(
            "名单上的来电人不听菜单", self.plan.skip_say, night.bottom + _GAP, VIOLET
        )
        scenes = self._scenes()
        waiting = self._waiting_card(_TOP)
        survey = self._survey_card(waiting.bottom + 56)
        spots = {
            "notice": notice,
            "night": night,
            "skip": skip,
            "waiting": waiting,
            "survey": survey,
        }
        self._arrows(spots, scenes)
        bottom = max(box.bottom for box in (*spots.values(), *scenes.values()))
        return self.canvas.svg(_WIDTH, bottom + 74, self.plan.title)

    def _said(self, prompts: Sequence[str], room: float) -> list[str]:
        said = [
            self.compiled.catalogue.text(prompt, self.plan.usual_language)
            for prompt in prompts
            if prompt != PAUSE
        ]
        return wrap("“" + "".join(said) + "”", 14, room) if said else []

    def _said_card(self, title: str, prompts: Sequence[str], y: float, ink: Ink) -> Box:
        lines = self._said(prompts, _LEFT_WIDTH - 32)
        spot = Box(_LEFT, y, _LEFT_WIDTH, 58 + len(lines) * 22.4)
        self.canvas.card(spot, title, ink)
        self.canvas.lines(spot.x + 16, spot.y + 62, lines, 14, TEXT)
        return spot

    def _night_card(self, y: float) -> Box:
        hours = hours_lines(self.compiled.opening)
        lines = self._said(self.plan.night_say, _LEFT_WIDTH - 32)
        height = 52 + len(hours) * 20.8 + 8 + len(lines) * 22.4 + 34
        spot = Box(_LEFT, y, _LEFT_WIDTH, height)
        self.canvas.card(spot, "人工服务时间以外", GREY)
        at = self.canvas.lines(spot.x + 16, spot.y + 60, hours, 13, FAINT)
        at = self.canvas.lines(spot.x + 16, at + 8, lines, 14, TEXT)
        label, ink = self._destination(
            Exit(self.plan.scenes[self.plan.start].silence.result, self.plan.night_to)
        )
        self.canvas.text(spot.x + 16, at + 6, "然后", 13, FAINT)
        self.canvas.chip(spot.right - 14, at + 1, label, ink)
        return spot

    def _scenes(self) -> dict[str, Box]:
        spots: dict[str, Box] = {}
        y = _TOP
        # What the first menu leads to stands next below it, so that no arrow crosses a menu.
        leads = {way.to for way in self.plan.scenes[self.plan.start].exits.values()}
        order = sorted(
            self.plan.scenes, key=lambda name: (name != self.plan.start, name not in leads)
        )
        for name in order:
            spots[name] = self._scene(self.plan.scenes[name], y)
            y = spots[name].bottom + _GAP
        return spots

    def _scene(self, scene: Scene, y: float) -> Box:
        rows = len(scene.exits)
        spot = Box(_MIDDLE, y, _MIDDLE_WIDTH, 46 + rows * _ROW + 44)
        ink = VIOLET if scene.name == LANGUAGE_SCENE else BLUE
        self.canvas.card(spot, scene.title, ink)
        self.canvas.text(
            spot.right - 14, spot.y + 24, f"说完等 {scene.wait:g} 秒", 12.5, FAINT, anchor="end"
        )
        at = spot.y + 46 + _ROW / 2
        for key, way in scene.exits.items():
            label, chip = self._destination(way)
            self.canvas.badge(spot.x + 28, at, key, chip)
            self.canvas.text(spot.x + 54, at + 5.5, way.name, 15.5, TEXT)
            self.canvas.chip(spot.right - 14, at, label, chip)
            at += _ROW
        same = scene.silence.to == scene.wrong.to
        words = "不按键、按错键" if same else f"按错键：{self._destination(scene.wrong)[0]}；不按键"
        label, chip = self._destination(scene.silence)
        self.canvas.text(spot.x + 16, at + 2, words, 13, FAINT)
        self.canvas.chip(spot.right - 14, at - 3, label, chip)
        return spot

    def _destination(self, way: Exit) -> tuple[str, Ink]:
        if way.to in self.plan.scenes:
            scene = self.plan.scenes[way.to]
            return f"到{scene.title}", VIOLET if way.to == LANGUAGE_SCENE or way.language else BLUE
        if way.to == PERSON and way.topic == STATION:
            return "先找乡镇服务站", AMBER
        if way.to == PERSON and way.topic:
            return f"{self.topics.get(way.topic, way.topic)}律师优先", GREEN
        if way.language:
            return "找会这种语言的人", GREEN
        if way.urgent:
            return "紧急优先，找值班人员", AMBER
        return _ENDS[way.to]

    def _waiting_card(self, y: float) -> Box:
        lines = [
            "专题律师优先，空闲最久的先接；",
            "等久了放宽到其他律师、乡镇站；",
            "没人能接时留言，之后回电。",
        ]
        spot = Box(_RIGHT, y, _RIGHT_WIDTH, 58 + len(lines) * 22.4)
        self.canvas.card(spot, "等候与接听", GREEN)
        self.canvas.lines(spot.x + 16, spot.y + 62, lines, 14, TEXT)
        return spot

    def _survey_card(self, y: float) -> Box:
        survey = self.compiled.survey
        rows = sum(2 + len(question.answers) for question in survey.questions)
        spot = Box(_RIGHT, y, _RIGHT_WIDTH, 40 + rows * 27 + 40)
        self.canvas.card(spot, "律师挂机后：" + survey.title, BLUE)
        at = spot.y + 64
        for question in survey.questions:
            self.canvas.text(spot.x + 16, at, question.title, 14.5, TEXT, bold=True)
            at += 32
            for key, meaning in question.answers.items():
                self.canvas.badge(spot.x + 32, at - 5, key, BLUE)
                self.canvas.text(spot.x + 56, at, meaning, 14.5, TEXT)
                at += 31
            at += 8
        self.canvas.text(spot.x + 16, spot.bottom - 18, "不按键就是没有评价", 12.5, FAINT)
        return spot

    def _arrows(self, spots: Mapping[str, Box], scenes: Mapping[str, Box]) -> None:
        arrow = self.canvas.arrow
        notice, night, skip = spots["notice"], spots["night"], spots["skip"]
        waiting, survey = spots["waiting"], spots["survey"]
        main = scenes[self.plan.start]
        arrow([(notice.right, notice.middle), (main.x - 3, notice.middle)])
        if self.plan.night_to in scenes:
            target = scenes[self.plan.night_to]
            level = night.middle
            if not target.y < level < target.bottom:
                level = target.middle
            between = (night.right + main.x) / 2
            arrow(
                [
                    (night.right, night.middle),
                    (between, night.middle),
                    (between, level),
                    (target.x - 3, level),
                ]
            )
        arrow([(main.right, waiting.middle), (waiting.x - 3, waiting.middle)])
        centre = waiting.x + waiting.w / 2
        arrow([(centre, waiting.bottom), (centre, survey.y - 3)])
        if LANGUAGE_SCENE in scenes:
            language = scenes[LANGUAGE_SCENE]
            arrow([(main.x + 28, main.bottom), (main.x + 28, language.y - 3)])
        lowest = max(box.bottom for box in (*spots.values(), *scenes.values())) + 26
        start, edge = skip.x + skip.w / 2, waiting.right + 20
        arrow(
            [
                (start, skip.bottom),
                (start, lowest),
                (edge, lowest),
                (edge, waiting.middle),
                (waiting.right + 3, waiting.middle),
            ]
        )
        self.canvas.text(start + 14, lowest - 7, "直接转人工，优先接听", 12.5, FAINT)

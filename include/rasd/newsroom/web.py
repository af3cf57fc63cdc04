"""The Newsroom as a web application: read-only HTML pages. It asks nobody who he is; `create_app` takes the guard that does."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException

from rasd.newsroom import charts, language, marks
from rasd.newsroom.catalogue import Partition, Snapshot
from rasd.newsroom.database import LakeChangedError
from rasd.newsroom.queries import PAGE_ROWS, WINDOW, Cursor, Filters, Newsroom, Page, words_of
from rasd.schema import ENTITY_TYPES, REJECT_REASONS

HERE = Path(__file__).parent
STATIC = {
    "newsroom.css": "text/css",
    "newsroom.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "icon-dark.svg": "image/svg+xml",
}
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-store",
    "Vary": "Cookie, Accept-Language",
}
COOKIE = "rasd_language"
COOKIE_SECONDS = 365 * 86_400
ENTITY_WINDOW = 90
"""Days of an entity's chart, unless all are asked for."""

ROLE_WINDOW = 30
ENTITY_QUOTES = 6
"""Quotes of each kind on an entity's page."""

SECTION_CHARACTERS = 100_000
"""Characters of a section that an article's page shows unasked."""

TITLE_CHARACTERS = 300
_PARSE_ERRORS = (ValueError, OverflowError)


def create_app(
    lake: Path,
    guard: Sequence[Any] = (),
    run_url: Callable[[str], str | None] = lambda run: None,
    login_url: Callable[[Request], str | None] = lambda request: None,
    entrance: Callable[..., str | None] = lambda: None,
) -> FastAPI:
    """The application over a lake.

    Args:
        guard: FastAPI dependencies that every route has, and that raise HTTPException 401 or 403 for who may not see it.
        run_url: where a host shows a run, by its id.
        login_url: where a host lets a reader log in.
        entrance: a FastAPI dependency; where `/enter` leads a reader who has logged in, None for the overview.
    """
    app = FastAPI(dependencies=list(guard), openapi_url=None, docs_url=None, redoc_url=None)
    pages = _Pages(Newsroom(lake), run_url, login_url)
    for path, page in (
        ("/", pages.overview),
        ("/days/{day}", pages.day),
        ("/articles", pages.articles),
        ("/articles/{day}/{article_id}", pages.article),
        ("/entities", pages.entities),
        ("/entities/{entity_id}", pages.entity),
        ("/entities/{entity_id}/quotes", pages.entity_quotes),
        ("/rejects", pages.rejects),
        ("/data-docs/{day}/{run}", pages.data_docs),
        ("/static/{name}", pages.static),
        ("/enter", _enter(entrance)),
        ("/{anything:path}", pages.missing),
    ):
        app.get(path, include_in_schema=False, response_class=Response)(page)
    app.add_exception_handler(StarletteHTTPException, pages.refused)
    app.add_exception_handler(RequestValidationError, pages.refused)
    app.add_exception_handler(LakeChangedError, pages.refused)
    app.add_exception_handler(Exception, pages.refused)
    return app


@lru_cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"shorten": marks.shorten, "plain": marks.plain, "path": marks.path}
    environment.globals |= {"share": charts.share, "ENTITY_TYPES": ENTITY_TYPES, "TITLE_CHARACTERS": TITLE_CHARACTERS}
    return environment


@lru_cache
def _version(name: str) -> str:
    """A part of a static file's address that changes with its content."""
    return hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]


class _Pages:
    """The routes. Each is a plain function, so that FastAPI runs it in a thread of its own."""

    def __init__(self, newsroom: Newsroom, run_url: Callable[[str], str | None], login_url: Callable[[Request], str | None]) -> None:
        self._newsroom = newsroom
        self._run_url = run_url
        self._login_url = login_url

    # Pages

    def overview(self, request: Request, until: str = "") -> Response:
        last = _date(until)
        return self._newsroom.consistently(lambda snapshot: self._overview(request, snapshot, last))

    def _overview(self, request: Request, snapshot: Snapshot, last: date | None) -> Response:
        if not snapshot.partitions and not self._newsroom.judged_days():
            return self._render(request, "nothing.html")
        published = snapshot.between(None, last)[:WINDOW]
        oldest = published[-1].day if published else None
        judged = [day for day in self._newsroom.judged_days() if (last is None or day <= last) and (oldest is None or day >= oldest)]
        by_day: dict[date, Partition | None] = dict.fromkeys(judged[:WINDOW]) | {partition.day: partition for partition in published}
        verdicts = self._newsroom.verdicts(list(by_day))
        days = [
            {"day": day, "partition": by_day[day], "verdict": _verdict(by_day[day], verdicts.get(day, []))}
            for day in sorted(by_day, reverse=True)
        ]
        older = snapshot.between(None, oldest - timedelta(days=1)) if oldest else ()
        url, words = _Url(request), _language(request)
        bars = [
            charts.Bar(words.short_date(p.day), p.rows["articles"], url("days", p.day), f"{words.date(p.day)}: {p.rows['articles']:,}")
            for p in reversed(published)
        ]
        return self._render(
            request,
            "overview.html",
            snapshot=snapshot,
            window=published,
            days=days,
            volume=charts.columns(bars, words.say("chart.volume")),
            bars=bars,
            speakers=self._newsroom.speakers(published),
            sources=self._newsroom.sources(published)[:12],
            reasons=self._newsroom.reject_reasons(published),
            older=older[0].day if older else None,
            newest=bool(last),
        )

    def day(self, request: Request, day: str) -> Response:
        wanted = _date(day, required=True)
        return self._newsroom.consistently(lambda snapshot: self._day(request, snapshot, wanted))

    def _day(self, request: Request, snapshot: Snapshot, day: date) -> Response:
        partition = snapshot.day(day)
        verdicts = self._newsroom.verdicts([day]).get(day, [])
        reports = self._newsroom.reports(day)
        if partition is None and not verdicts and not reports:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        window = [partition] if partition else []
        verdict = _verdict(partition, verdicts)
        checks = self._newsroom.checks(day, verdict["run"]) if verdict else []
        return self._render(
            request,
            "day.html",
            day=day,
            partition=partition,
            verdict=verdict,
            checks=checks,
            failed=[check for check in checks if not check["success"]],
            docs=verdict is not None and self._newsroom.data_docs(day, verdict["run"]) is not None,
            reports=[
                report | {"url": self._run_url(report["run"]), "worked": round(sum(report.get("seconds", {}).values()), 1)}
                for report in reports
            ],
            speakers=self._newsroom.speakers(window),
            mentioned=self._newsroom.mentioned(partition) if partition else [],
            sources=self._newsroom.sources(window)[:12],
            reasons=self._newsroom.reject_reasons(window),
            newer=min((p.day for p in snapshot.partitions if p.day > day), default=None),
            older=max((p.day for p in snapshot.partitions if p.day < day), default=None),
        )

    def articles(
        self,
        request: Request,
        q: str = "",
        source: str = "",
        first: str = "",
        last: str = "",
        entity: str = "",
        speaker: str = "",
        day: str = "",
        cursor: str = "",
    ) -> Response:
        filters = Filters(q.strip(), source.strip(), _date(first), _date(last), entity.strip(), speaker.strip(), _date(day))
        place = _cursor(cursor)

        def answer(snapshot: Snapshot) -> Response:
            page = self._newsroom.articles(snapshot, filters, place)
            words = words_of(filters.words)
            for row in page.rows:
                row["excerpt"] = marks.excerpt(row.pop("text"), words)
            return self._render(
                request,
                "articles.html",
                filters=filters,
                page=page,
                next=_next(request, page),
                sources=sorted(row["source_id"] for row in self._newsroom.sources(snapshot.partitions[:WINDOW])),
                names={value: self._name(value) for value in (filters.entity, filters.speaker) if value},
                total=snapshot.total("articles"),
                started=place is not None,
            )

        return self._newsroom.consistently(answer)

    def article(self, request: Request, day: str, article_id: str, whole: bool = False) -> Response:
        wanted = _date(day, required=True)
        found = self._newsroom.consistently(lambda snapshot: self._newsroom.article(snapshot, wanted, article_id))
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        article, mentions, quotes = found
        url, words = _Url(request), _language(request)
        sections, cut = {}, None
        for section in ("title", "subtitle", "captions", "text"):
            text = article[section] or ""
            if len(text) > SECTION_CHARACTERS and not whole:
                if section == "text":
                    cut = SECTION_CHARACTERS
                text = marks.shorten(text, SECTION_CHARACTERS)
            sections[section] = marks.paragraphs(
                text,
                [mention for mention in mentions if mention["section"] == section],
                [said for said in quotes if said["section"] == section],
                lambda entity_id: url("entities", entity_id),
                lambda said: (
                    f"{words.say('article.quote', number=said['ordinal'] + 1)}: {said['speaker_name'] or words.say('quote.unattributed')}"
                ),
            )
        names: dict[str, dict[str, Any]] = {}
        for mention in mentions:
            known = names.setdefault(mention["entity_id"], mention | {"count": 0})
            known["count"] += 1
        return self._render(
            request,
            "article.html",
            article=article,
            sections=sections,
            cut=cut,
            quotes=sorted(quotes, key=lambda said: said["ordinal"]),
            names=sorted(names.values(), key=lambda name: (ENTITY_TYPES.index(name["entity_type"]), -name["count"])),
        )

    def entities(self, request: Request, q: str = "", type: str = "", page: int = 0) -> Response:
        if type not in ("", *ENTITY_TYPES) or not 0 <= page < 10_000:
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        found = self._newsroom.consistently(lambda _: self._newsroom.entities(q, type, page, PAGE_ROWS + 1))
        more = len(found) > PAGE_ROWS
        return self._render(
            request,
            "entities.html",
            rows=found[:PAGE_ROWS],
            q=q,
            type=type,
            next=_with(request, page=page + 1) if more else None,
            previous=_with(request, page=page - 1) if page else None,
        )

    def entity(self, request: Request, entity_id: str, all: bool = False) -> Response:
        return self._newsroom.consistently(lambda snapshot: self._entity(request, snapshot, entity_id, all))

    def _entity(self, request: Request, snapshot: Snapshot, entity_id: str, whole: bool) -> Response:
        entity = self._newsroom.entity(entity_id)
        if entity is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        window = snapshot.partitions if whole else snapshot.between(None, entity["last_seen"])[:ENTITY_WINDOW]
        counts = self._newsroom.mentions_by_day(window, entity_id)
        url, words = _Url(request), _language(request)
        bars = [
            charts.Bar(
                words.short_date(p.day),
                counts.get(p.day, (0, 0))[0],
                url("articles", entity=entity_id, day=p.day) if p.day in counts else "",
                f"{words.date(p.day)}: {counts.get(p.day, (0, 0))[0]:,}",
            )
            for p in reversed(window)
        ]
        seen = [p for p in window if p.day in counts]
        return self._render(
            request,
            "entity.html",
            entity=entity,
            chart=charts.columns(bars, words.say("entity.over.time")),
            window=len(window),
            whole=whole or len(window) == len(snapshot.partitions),
            roles=self._newsroom.roles(seen[:ROLE_WINDOW], entity_id),
            said=self._newsroom.quotes_by(snapshot, entity_id, rows=ENTITY_QUOTES, lists=2),
            others=self._newsroom.quotes_about(snapshot, entity_id, rows=ENTITY_QUOTES, lists=2),
        )

    def entity_quotes(self, request: Request, entity_id: str, by: str = "self", cursor: str = "") -> Response:
        place = _cursor(cursor)
        if by not in ("self", "others"):
            raise HTTPException(HTTPStatus.BAD_REQUEST)

        def answer(snapshot: Snapshot) -> Response:
            entity = self._newsroom.entity(entity_id)
            if entity is None:
                raise HTTPException(HTTPStatus.NOT_FOUND)
            ask = self._newsroom.quotes_by if by == "self" else self._newsroom.quotes_about
            page = ask(snapshot, entity_id, place)
            return self._render(
                request, "entity_quotes.html", entity=entity, by=by, page=page, next=_next(request, page), started=place is not None
            )

        return self._newsroom.consistently(answer)

    def rejects(self, request: Request, reason: str = "", day: str = "", cursor: str = "") -> Response:
        wanted, place = _date(day), _cursor(cursor)
        if reason and reason not in REJECT_REASONS:
            raise HTTPException(HTTPStatus.BAD_REQUEST)

        def answer(snapshot: Snapshot) -> Response:
            window = snapshot.partitions[:WINDOW] if wanted is None else tuple(filter(None, [snapshot.day(wanted)]))
            page = self._newsroom.rejects(snapshot, reason, wanted, place)
            return self._render(
                request,
                "rejects.html",
                reasons=self._newsroom.reject_reasons(window),
                window=window,
                reason=reason,
                day=wanted,
                page=page,
                next=_next(request, page),
                started=place is not None,
            )

        return self._newsroom.consistently(answer)

    def data_docs(self, day: str, run: str) -> Response:
        page = self._newsroom.data_docs(_date(day, required=True), run)
        if page is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return _with_own_style(page.read_text(encoding="utf-8"))

    def static(self, name: str) -> Response:
        if name not in STATIC:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        headers = HEADERS | {"Cache-Control": "private, max-age=86400"}
        return Response((HERE / "static" / name).read_bytes(), media_type=STATIC[name], headers=headers)

    def missing(self, anything: str) -> Response:
        raise HTTPException(HTTPStatus.NOT_FOUND)

    async def refused(self, request: Request, error: Exception) -> Response:
        """Any error as a page that says what to do."""
        status = {RequestValidationError: 400, LakeChangedError: 503}.get(type(error), 500)
        if isinstance(error, StarletteHTTPException):
            status = error.status_code
        if f"error.{status}" not in language.messages("en"):
            status = 400 if status < 500 else 500
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):  # who is refused gets no style sheet either
            words = _language(request)
            login = self._login_url(request) if status == HTTPStatus.UNAUTHORIZED else None
            html = _environment().get_template("refused.html").render(words=words, say=words.say, error=status, login=login)
            return _with_own_style(html, status)
        return self._render(request, "error.html", status, error=status)

    # What they share

    def _name(self, entity: str) -> str:
        """How a filter for an entity is shown: its name, or what the reader typed."""
        found = self._newsroom.entity(entity)
        return found["name_ar"] if found else entity

    def _render(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        words = _language(request)
        url = _Url(request)
        other = _with(request, lang=words.other)
        html = (
            _environment()
            .get_template(template)
            .render(
                words=words,
                say=words.say,
                url=url,
                other_language=other,
                styles=f"{url('static', 'newsroom.css')}?v={_version('newsroom.css')}",
                script=f"{url('static', 'newsroom.js')}?v={_version('newsroom.js')}",
                template=template,
                **values,
            )
        )
        response = Response(html, status, media_type="text/html", headers=HEADERS)
        if request.query_params.get("lang") in language.LANGUAGES:
            response.set_cookie(COOKIE, words.code, COOKIE_SECONDS, path=f"{url.root}/", httponly=True, samesite="lax")
        return response


def _enter(entrance: Callable[..., str | None]) -> Callable[..., Response]:
    """The way in after a login. It passes the guard first, so that who may not see the Newsroom is told so here."""
    host = Depends(entrance)

    def enter(request: Request, place: Any = host) -> Response:
        return Response(status_code=HTTPStatus.SEE_OTHER, headers=HEADERS | {"Location": place or _Url(request)("")})

    return enter


def _with_own_style(html: str, status: int = 200) -> Response:
    """A page that loads nothing and whose only style is the <style> in its head."""
    style = re.search("<style>(.*?)</style>", html, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(style[1].encode() if style else b"").digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; frame-ancestors 'self'"
    return Response(html, status, media_type="text/html", headers=HEADERS | {"Content-Security-Policy": policy})


class _Url:
    """Addresses of the application's own pages, under whatever path the host has mounted it."""

    def __init__(self, request: Request) -> None:
        self.root = str(request.scope.get("root_path", ""))

    def __call__(self, *parts: object, **query: object) -> str:
        path = "/".join(quote(str(part), safe="") for part in parts)
        given = {name: str(value) for name, value in query.items() if value}
        return f"{self.root}/{path}" + (f"?{urlencode(given)}" if given else "")


def _language(request: Request) -> language.Language:
    chosen = request.query_params.get("lang") or request.cookies.get(COOKIE)
    return language.preferred(chosen, request.headers.get("accept-language"))


def _with(request: Request, **changes: object) -> str:
    """The address of this page with other parameters."""
    query = {name: value for name, value in request.query_params.items() if name != "lang" and value}
    return f"?{urlencode(query | {name: str(value) for name, value in changes.items()})}"


def _next(request: Request, page: Page) -> str | None:
    return _with(request, cursor=page.cursor) if page.cursor else None


def _verdict(partition: Partition | None, verdicts: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The judgement that a day stands for: that of the run which was published, else the last one; `stopped` when that kept it back."""
    of_published = [verdict for verdict in verdicts if partition and verdict["run"] == partition.run]
    if of_published:
        newest = verdicts[0]
        return of_published[0] | {"stopped": False, "held_back": newest["run"] != of_published[0]["run"] and newest["critical"] > 0}
    if not verdicts:
        return None
    return verdicts[0] | {"stopped": partition is None and verdicts[0]["critical"] > 0, "held_back": False}


def _date(text: str, *, required: bool = False) -> Any:
    """A date of an address; None for an empty one. Raises HTTPException 400 for anything else."""
    if not text and not required:
        return None
    try:
        return date.fromisoformat(text)
    except _PARSE_ERRORS:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None


def _cursor(text: str) -> Cursor | None:
    try:
        return Cursor.parse(text)
    except _PARSE_ERRORS:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None

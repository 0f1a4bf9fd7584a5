/* page.c - see page.h. */
#include "web/page.h"

#include "base/json_out.h"
#include "web/assets.h"
#include "web/stream.h"

#include <string.h>

const char *page_word(const struct page *page, enum word which)
{
    return word(page->language, which);
}

/* One symbol per state and severity, told apart by shape as well as by colour. */
static const char sprite[] =
    "<svg class=\"sprite\" width=\"0\" height=\"0\" aria-hidden=\"true\">"
    "<symbol id=\"i-up\" viewBox=\"0 0 16 16\"><path d=\"M3.5 8.5l3 3 6-7\" "
    "class=\"line\"/></symbol>"
    "<symbol id=\"i-degraded\" viewBox=\"0 0 16 16\"><path d=\"M8 1.5L15.2 14.5H.8z\"/>"
    "<path d=\"M8 6v4.2M8 12v.6\" class=\"cut\"/></symbol>"
    "<symbol id=\"i-fault\" viewBox=\"0 0 16 16\"><path d=\"M5 .8h6L15.2 5v6L11 15.2H5"
    "L.8 11V5z\"/><path d=\"M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4\" class=\"cut\"/></symbol>"
    "<symbol id=\"i-planned\" viewBox=\"0 0 16 16\"><rect x=\"1\" y=\"1\" width=\"14\" "
    "height=\"14\" rx=\"2\"/><path d=\"M5.5 4.5v7M10.5 4.5v7\" class=\"cut\"/></symbol>"
    "<symbol id=\"i-external\" viewBox=\"0 0 16 16\"><path d=\"M9.5.8L2.5 9.2h4.2L5.8 "
    "15.2l7.7-9H9z\"/></symbol>"
    "<symbol id=\"i-unknown\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"6.6\" "
    "class=\"dash\"/><path d=\"M6 6.3c0-2.4 4-2.4 4 0 0 1.5-2 1.6-2 3M8 11.3v.7\" "
    "class=\"line\"/></symbol>"
    "<symbol id=\"i-serious\" viewBox=\"0 0 16 16\"><path d=\"M2 8l6-5.5L14 8M2 13.5L8 8"
    "l6 5.5\" class=\"line\"/></symbol>"
    "<symbol id=\"i-general\" viewBox=\"0 0 16 16\"><path d=\"M2 11l6-5.5 6 5.5\" "
    "class=\"line\"/></symbol>"
    "<symbol id=\"i-minor\" viewBox=\"0 0 16 16\"><path d=\"M3 8h10\" class=\"line\"/>"
    "</symbol>"
    "<symbol id=\"i-good\" viewBox=\"0 0 16 16\"><path d=\"M3.5 8.5l3 3 6-7\" "
    "class=\"line\"/></symbol>"
    "<symbol id=\"i-uncertain\" viewBox=\"0 0 16 16\"><path d=\"M1.5 9.5c2.5-5 5.5-1 "
    "6.5-1s"
    "4-3 6.5-2\" class=\"line\"/></symbol>"
    "<symbol id=\"i-bad\" viewBox=\"0 0 16 16\"><path d=\"M3.5 3.5l9 9M12.5 3.5l-9 9\" "
    "class=\"line\"/></symbol>"
    "<symbol id=\"i-theme\" viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"8\" r=\"6.2\" "
    "class=\"line\"/><path d=\"M8 1.8a6.2 6.2 0 010 12.4z\"/></symbol>"
    "</svg>";

static void add_head(struct page *page, const char *title)
{
    const struct request *request = page->call->request;
    const char *site = page->call->site->config->site.name;

    html_put(page->out,
             "<!doctype html>\n<html lang=\"{}\" data-theme=\"{}\"><head>"
             "<meta charset=\"utf-8\">"
             "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
             "<meta name=\"color-scheme\" content=\"{}\"><title>{} · {}</title>",
             language_tag(page->language), request->theme,
             request->theme[0] == '\0' ? "light dark" : request->theme, title, site);
    html_put(page->out,
             "<link rel=\"icon\" href=\"/assets/{}/icon.svg\" type=\"image/svg+xml\">"
             "<link rel=\"manifest\" href=\"/manifest.webmanifest\">"
             "<link rel=\"stylesheet\" href=\"/assets/{}/facilityd.css\">"
             "<script type=\"module\" src=\"/assets/{}/facilityd.js\"></script></head>\n",
             asset_hash, asset_hash, asset_hash);
}

/* What the script has to say in the page's language. */
static void add_script_words(struct page *page)
{
    static const struct {
        const char *key;
        enum word word;
    } words[] = {
        {"s", WORD_DURATION_S},
        {"m", WORD_DURATION_M},
        {"h", WORD_DURATION_H},
        {"hm", WORD_DURATION_HM},
        {"d", WORD_DURATION_D},
        {"dh", WORD_DURATION_DH},
        {"lost", WORD_LIVE_LOST},
        {"live", WORD_LIVE},

        {"connecting", WORD_LIVE_CONNECTING},
    };
    struct text json_text;
    struct json_out json;

    text_init(&json_text, 4096);
    json = json_begin(&json_text);
    json_open(&json, '{');
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        json_put_string(&json, words[i].key, page_word(page, words[i].word));
    json_close(&json, '}');
    html_put(page->out, " data-words=\"{}\"", json_text.data);
    text_done(&json_text);
}

static void add_body_tag(struct page *page, const char *stream)
{
    const struct call *call = page->call;
    struct sse_cursor cursor;
    char id[SSE_ID_SIZE];

    hub_cursor(call->hub, call->site, &cursor);
    html_put(page->out,
             "<body data-stream=\"{}\" data-from=\"{}\" data-now=\"{}\" "
             "data-offset=\"{}\"",
             stream, sse_format_id(&cursor, id), html_int(call->now.ns / CLOCK_MS),
             html_int(tz_offset(call->site->tz, call->now)));
    add_script_words(page);
    text_add_char(page->out, '>');
    text_add(page->out, sprite);
}

static void add_nav(struct page *page, enum page_nav current)
{
    static const struct {
        const char *url;
        enum page_nav nav;
        enum word word;
    } links[] = {
        {"/", NAV_BOARD, WORD_NAV_BOARD},
        {"/issues", NAV_ISSUES, WORD_NAV_ISSUES},
        {"/reports/failure-rate", NAV_REPORT, WORD_NAV_REPORT},
        {"/diagnostics", NAV_DIAGNOSTICS, WORD_NAV_DIAGNOSTICS},
    };

    html_put(page->out, "<nav class=\"menu\" aria-label=\"{}\">",
             page_word(page, WORD_NAV_MAIN));
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        html_put(page->out, "<a href=\"{}\"{!}>{}</a>", links[i].url,
                 links[i].nav == current ? " aria-current=\"page\"" : "",
                 page_word(page, links[i].word));
    text_add(page->out, "</nav>");
}

void page_link_with(struct page *page, const char *name, const char *value,
                    const char *drop)
{
    const struct request *request = page->call->request;
    const char *separator = "?";

    html_escape(page->out, request->path);
    for (size_t i = 0; i < request->query.count; i++) {
        const char *key = request->query.items[i].name;
        const char *old = request->query.items[i].value;

        if (strcmp(key, name) == 0 || strcmp(key, "lang") == 0 ||
            strcmp(key, "theme") == 0 || (drop != NULL && strcmp(key, drop) == 0) ||
            old[0] == '\0')
            continue;
        html_put(page->out, "{!}{%}={%}", separator, key, old);
        separator = "&amp;";
    }
    if (value[0] != '\0')
        html_put(page->out, "{!}{%}={%}", separator, name, value);
}

static void add_tools(struct page *page)
{
    enum language other = page->language == LANGUAGE_ZH ? LANGUAGE_EN : LANGUAGE_ZH;

    html_put(page->out,
             "<div class=\"tools\"><span class=\"live\" id=\"live\" data-state=\"off\">"
             "<span id=\"live-word\"><noscript>{}</noscript></span></span>"
             "<time class=\"clock\" id=\"clock\">{}</time><a class=\"tool\" lang=\"{}\" "
             "hreflang=\"{}\" href=\"",
             page_word(page, WORD_LIVE_OFF),
             show_time(page->call->site->tz, page->call->now, page->call->now, SHOW_ROOM),
             language_tag(other), language_tag(other));
    page_link_with(page, "lang", language_tag(other), NULL);
    html_put(page->out, "\">{}</a><a class=\"tool to-dark\" href=\"",
             page_word(page, WORD_OTHER_LANGUAGE));
    page_link_with(page, "theme", "dark", NULL);
    html_put(page->out,
             "\"><svg class=\"icon\" aria-hidden=\"true\"><use href=\"#i-theme\"/></svg>"
             "<span>{}</span></a><a class=\"tool to-light\" href=\"",
             page_word(page, WORD_THEME_DARK));
    page_link_with(page, "theme", "light", NULL);
    html_put(page->out,
             "\"><svg class=\"icon\" aria-hidden=\"true\"><use href=\"#i-theme\"/></svg>"
             "<span>{}</span></a></div>",
             page_word(page, WORD_THEME_LIGHT));
}

struct page page_begin(const struct call *call, struct response *response,
                       const char *title, enum page_nav nav, const char *stream)
{
    struct page page = {call, &response->body, call->request->language};

    response->type = "text/html; charset=utf-8";
    text_clear(&response->body);
    response_header(response, "Vary", "Accept-Language, Cookie");
    response_header(response, "Content-Language", "%s", language_tag(page.language));
    add_head(&page, title);
    add_body_tag(&page, stream);
    html_put(page.out,
             "<a class=\"skip\" href=\"#main\">{}</a>\n<header class=\"top\">"
             "<a class=\"site\" href=\"/\">{}</a>",
             page_word(&page, WORD_SKIP), call->site->config->site.name);
    add_nav(&page, nav);
    add_tools(&page);
    text_add(page.out, "</header>\n<div class=\"lost\" id=\"lost\" role=\"status\" "
                       "hidden></div>\n<main id=\"main\">\n");
    return page;
}

void page_end(struct page *page)
{
    const struct call *call = page->call;

    html_put(page->out, "</main>\n<footer class=\"foot\"><span>{}</span><span>",
             page_word(page, WORD_FOOT_SAFETY));
    html_put(page->out, page_word(page, WORD_TIMES_IN),
             call->site->config->site.timezone);
    text_add(page->out, "</span><span>");
    html_put(page->out, page_word(page, WORD_FOOT_VERSION), call->options->version);
    text_add(page->out, "</span></footer></body></html>\n");
}

void page_failed(struct response *response, const struct err *err)
{
    response->header_count = 0;
    response_failed(response, err);
}

void page_time(struct page *page, struct wall_time time)
{
    const struct tz *tz = page->call->site->tz;
    char stamp[CLOCK_RFC3339_SIZE];

    html_put(page->out, "<time datetime=\"{}\" title=\"{}\">{}</time>",
             wall_format(time, stamp), show_full_time(tz, time, SHOW_ROOM),
             show_time(tz, time, page->call->now, SHOW_ROOM));
}

void page_age(struct page *page, struct wall_time time)
{
    char stamp[CLOCK_RFC3339_SIZE];

    if (time.ns == 0) {
        text_add(page->out, page_word(page, WORD_NEVER));
        return;
    }
    html_put(
        page->out, "<time class=\"age\" datetime=\"{}\" title=\"{}\">{}</time>",
        wall_format(time, stamp), show_full_time(page->call->site->tz, time, SHOW_ROOM),
        show_duration(page->language, wall_diff_ms(page->call->now, time), SHOW_ROOM));
}

void page_icon(struct page *page, const char *name)
{
    html_put(page->out,
             "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"#i-{}\"/></svg>",
             name);
}

static void add_badge(struct page *page, const char *family, const char *name,
                      const char *icon, const char *text)
{
    html_put(page->out, "<span class=\"badge {}-{}\">", family, name);
    if (icon != NULL)
        page_icon(page, icon);
    html_put(page->out, "{}</span>", text);
}

void page_state(struct page *page, enum equipment_state state)
{
    const char *name = equipment_state_name(state);

    add_badge(page, "state", name, name, word_state(page->language, state));
}

void page_severity(struct page *page, enum severity severity)
{
    const char *name = severity_name(severity);

    add_badge(page, "severity", name, name, word_severity(page->language, severity));
}

void page_status(struct page *page, enum issue_status status)
{
    add_badge(page, "status", issue_status_name(status), NULL,
              word_status(page->language, status));
}

void page_quality(struct page *page, enum quality quality)
{
    const char *name = quality_name(quality);

    add_badge(page, "quality", name, name, word_quality(page->language, quality));
}

void page_option(struct page *page, const char *value, const char *text, bool selected)
{
    html_put(page->out, "<option value=\"{}\"{!}>{}</option>", value,
             selected ? " selected" : "", text);
}

const char *page_unit(const char *unit)
{
    static const char *const nicer[][2] = {
        {"m3/h", "m³/h"}, {"m3", "m³"},     {"m2", "m²"},       {"degC", "°C"},
        {"l/s", "L/s"},   {"ohm", "Ω"},     {"deg", "°"},       {"m3/s", "m³/s"},
        {"kohm", "kΩ"},   {"m/s2", "m/s²"}, {"uS/cm", "µS/cm"},
    };

    for (size_t i = 0; i < sizeof nicer / sizeof nicer[0]; i++)
        if (strcmp(nicer[i][0], unit) == 0)
            return nicer[i][1];
    return unit;
}

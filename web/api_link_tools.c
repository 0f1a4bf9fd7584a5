/* api_link_tools.c - registers of a device, and the frames of a link. */
#include "adapters/frame_explain.h"
#include "adapters/modbus_frame.h"
#include "base/json_out.h"
#include "base/mem.h"
#include "web/body.h"
#include "web/handlers.h"
#include "web/lookup.h"
#include "web/view.h"

#include <string.h>

enum {
    READ_TIMEOUT_MAX_MS = 10 * 1000,
    READ_QUEUE_MS = 8 * 1000, /* for those who ask as well, and the poll in hand */
};

/* --- read --------------------------------------------------------------------------- */

static const struct body_member read_members[] = {
    {"unit", JSON_NUMBER},  {"table", JSON_STRING},      {"address", JSON_NUMBER},
    {"count", JSON_NUMBER}, {"timeout_ms", JSON_NUMBER}, {NULL, JSON_NULL}};

static bool read_table(const struct json *object, enum modbus_table *table,
                       struct response *response)
{
    const char *name = json_member_text(object, "table", "");

    for (int t = TABLE_COIL; t <= TABLE_HOLDING; t++)
        if (strcmp(modbus_table_name((enum modbus_table)t), name) == 0) {
            *table = (enum modbus_table)t;
            return true;
        }
    response_bad_parameter(response, "table", "coil, discrete, input or holding",
                           "there is no table \"%s\"", name);
    return false;
}

static bool read_question(const struct json *object, struct link_question *question,
                          struct response *response)
{
    bool bits;
    int64_t unit = -1;
    int64_t address = -1;
    int64_t count = 1;

    if (!read_table(object, &question->table, response))
        return false;
    bits = question->table == TABLE_COIL || question->table == TABLE_DISCRETE;
    if (!body_integer(object, "unit", 0, UINT8_MAX, &unit, response) ||
        !body_integer(object, "address", 0, UINT16_MAX, &address, response) ||
        !body_integer(object, "count", 1, bits ? LINK_TALK_CELLS : 125, &count,
                      response) ||
        !body_integer(object, "timeout_ms", 1, READ_TIMEOUT_MAX_MS, &question->timeout_ms,
                      response))
        return false;
    if (unit < 0 || address < 0) {
        response_bad_parameter(response, unit < 0 ? "unit" : "address", "", "is missing");
        return false;
    }
    question->unit = (uint8_t)unit;
    question->start = (uint16_t)address;
    question->count = (uint16_t)count;
    return true;
}

static void put_cells(const struct link *link, const struct link_question *question,
                      const struct link_answer *answer, struct text *out)
{
    struct json_out json = json_begin(out);

    json_open(&json, '{');
    json_put_string(&json, "link", link->id);
    json_put_int(&json, "unit", question->unit);
    json_put_string(&json, "table", modbus_table_name(question->table));
    json_put_int(&json, "address", question->start);
    json_put_int(&json, "count", question->count);
    json_put_int(&json, "took_us", answer->took_us);
    json_key(&json, "cells");
    json_open(&json, '[');
    for (size_t i = 0; i < question->count; i++)
        json_int(&json, answer->cells[i]);
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(out, '\n');
}

/* Codes that a gateway answers itself. */
static bool is_gateway_exception(unsigned code)
{
    return code == MODBUS_GATEWAY_PATH || code == MODBUS_GATEWAY_TARGET;
}

/* There is no parity to be wrong. */
static bool is_on_ethernet(const struct call *call, const struct link *link)
{
    const char *address = call->site->config->links[link->index].modbus;

    return strncmp(address, "tcp://", strlen("tcp://")) == 0 ||
           strncmp(address, "listen+tcp://", strlen("listen+tcp://")) == 0;
}

/* Why there are no cells: the device or the link, not the request. */
static void refuse(const struct call *call, const struct link *link,
                   const struct link_question *question, const struct link_answer *answer,
                   struct response *response)
{
    static const struct {
        int status;
        const char *hint;
    } kinds[] = {
        [LINK_ANSWER_EXCEPTION] = {502, "the device is there, but refuses that"},
        [LINK_ANSWER_TIMEOUT] = {504, "check the unit; a scan shows who answers"},
        [LINK_ANSWER_PROTOCOL] = {502,
                                  "check baud rate, parity and who else has the unit"},
        [LINK_ANSWER_DOWN] = {503, "check the address and the cable of the link"},
    };

    const char *hint = kinds[answer->kind].hint;

    if (answer->kind == LINK_ANSWER_EXCEPTION && is_gateway_exception(answer->exception))
        hint =
            "the gateway is there, the device behind it is not: its unit, power, wiring";
    else if (answer->kind == LINK_ANSWER_PROTOCOL && is_on_ethernet(call, link))
        hint = "check the address: another service, or a gateway that mixes answers up";
    response_problem(response, kinds[answer->kind].status, hint,
                     "link %s, unit %u, %s %u+%u: %s", link->id, question->unit,
                     modbus_table_name(question->table), question->start, question->count,
                     answer->text);
}

static void ask(const struct call *call, const struct link *link,
                const struct link_question *question, struct response *response)
{
    int64_t timeout_ms = question->timeout_ms > 0
                             ? question->timeout_ms
                             : call->site->config->links[link->index].timeout_ms;
    struct link_answer *answer = mem_alloc(sizeof *answer);
    struct err err = {0};

    if (call->source->tools.ask(call->source->tools.context, link->index, question,
                                mono_add_ms(mono_now(), timeout_ms + READ_QUEUE_MS),
                                answer, &err) != 0)
        response_failed(response, &err);
    else if (answer->kind == LINK_ANSWER_CELLS)
        put_cells(link, question, answer, &response->body);
    else
        refuse(call, link, question, answer, response);
    mem_free(answer);
}

void api_link_read(const struct call *call, struct response *response)
{
    const struct link *link = lookup_link(call, response);
    struct link_question question = {0};
    struct json *object;

    if (link == NULL)
        return;
    object = body_read(call, read_members,
                       "{\"unit\": 1, \"table\": \"input\", \"address\": 70, \"count\": "
                       "2}",
                       response);
    if (object != NULL && read_question(object, &question, response))
        ask(call, link, &question, response);
    json_free(object);
}

/* --- trace -------------------------------------------------------------------------- */

static void put_hex(struct json_out *json, const struct link_trace_frame *frame)
{
    struct text hex;

    text_init(&hex, (size_t)2 * LINK_TRACE_BYTES_MAX);
    for (size_t i = 0; i < frame->length; i++)
        text_addf(&hex, "%02x", frame->bytes[i]);
    json_put_string(json, "hex", hex.data);
    text_done(&hex);
}

static void put_words(struct json_out *json, const struct frame_words *words)
{
    if (words->problem[0] != '\0')
        json_put_string(json, "problem", words->problem);
    if (!words->readable)
        return;
    json_put_int(json, "unit", words->unit);
    json_put_int(json, "function", words->function);
    if (!words->rtu)
        json_put_int(json, "transaction", words->transaction);
    if (words->table != TABLE_NONE)
        json_put_string(json, "table", modbus_table_name(words->table));
    if (words->ranged) {
        json_put_int(json, "address", words->start);
        json_put_int(json, "count", words->count);
    }
    if (words->exception != 0) {
        json_put_int(json, "exception", words->exception);
        json_put_string(json, "exception_name", modbus_exception_name(words->exception));
    }
    if (words->cell_count == 0)
        return;
    json_key(json, "values");
    json_open(json, '[');
    for (size_t i = 0; i < words->cell_count; i++)
        json_int(json, words->cells[i]);
    json_close(json, ']');
}

static void put_event(struct json_out *json, const struct link_trace_frame *frame)
{
    struct text text;

    text_init(&text, LINK_TRACE_BYTES_MAX);
    text_add_bytes(&text, (const char *)frame->bytes, frame->length);
    json_put_string(json, "text", text.data);
    text_done(&text);
}

/* `request`: the last one that was sent; kept by the caller from frame to frame. */
static void put_frame(struct json_out *json, const struct link_trace_frame *frame,
                      struct frame_words *request, struct frame_words *words)
{
    static const char *const kinds[] = {"sent", "received", "discarded", "event"};

    json_open(json, '{');
    json_put_int(json, "sequence", (int64_t)frame->sequence);
    json_put_time(json, "time", frame->time);
    json_put_string(json, "kind", kinds[frame->kind]);
    if (frame->kind == LINK_TRACE_EVENT) {
        put_event(json, frame);
    } else {
        put_hex(json, frame);
        if (frame->kind == LINK_TRACE_RECEIVED)
            json_put_int(json, "after_us", frame->after_us);
        if (frame->kind == LINK_TRACE_SENT)
            put_words(json, request);
        else
            put_words(json, words);
    }
    json_close(json, '}');
}

static void put_frames(struct json_out *json, const struct link_trace_frame *frames,
                       size_t count, uint64_t after)
{
    struct frame_words *request = mem_alloc(sizeof *request);
    struct frame_words *words = mem_alloc(sizeof *words);
    bool asked = false;

    for (size_t i = 0; i < count; i++) {
        const struct link_trace_frame *frame = &frames[i];

        if (frame->kind == LINK_TRACE_SENT) {
            frame_explain_request(frame->bytes, frame->length, request);
            asked = true;
        } else if (frame->kind != LINK_TRACE_EVENT) {
            bool answers = frame->kind == LINK_TRACE_RECEIVED && asked;

            frame_explain_answer(frame->bytes, frame->length, answers ? request : NULL,
                                 words);
        }
        if (frame->sequence > after)
            put_frame(json, frame, request, words);
    }
    mem_free(request);
    mem_free(words);
}

void api_link_trace(const struct call *call, struct response *response)
{
    const struct link *link = lookup_link(call, response);
    struct json_out json = json_begin(&response->body);
    struct link_trace_frame *frames;
    int64_t after = 0;
    size_t count;

    if (link == NULL || !view_integer(call, "after", 0, INT64_MAX, &after, response))
        return;
    if (call->site->config->links[link->index].kind != LINK_MODBUS) {
        response_problem(response, 409, "links with a modbus address have frames",
                         "link \"%s\" is a broker: there are no frames to show",
                         link->id);
        return;
    }
    frames = mem_array(LINK_TRACE_FRAMES, sizeof *frames);
    /* One more, because an answer is explained by what was asked before it. */
    count = call->source->tools.trace(call->source->tools.context, link->index,
                                      after > 0 ? (uint64_t)after - 1 : 0, frames,
                                      LINK_TRACE_FRAMES);
    json_open(&json, '{');
    json_put_string(&json, "link", link->id);
    json_put_int(&json, "generation", (int64_t)call->site->generation);
    json_put_int(&json, "next", count > 0 ? (int64_t)frames[count - 1].sequence : after);
    json_key(&json, "frames");
    json_open(&json, '[');
    put_frames(&json, frames, count, (uint64_t)after);
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
    mem_free(frames);
}

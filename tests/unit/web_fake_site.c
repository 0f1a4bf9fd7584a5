/* web_fake_site.c - the equipment, their values and the source; see web_fakes.h. */
#include "base/json_out.h"
#include "base/mem.h"
#include "tests/unit/web_fakes.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    FAKE_POINTS_MAX = 8,
};

struct point_row {
    const char *name;
    const char *en;
    const char *zh;
    const char *unit;
    enum point_kind kind;
    double value;
};

#define NUMBER(name, en, zh, unit, value)                                                \
    {                                                                                    \
        name, en, zh, unit, POINT_NUMBER, value                                          \
    }
#define YES_NO(name, en, zh, value)                                                      \
    {                                                                                    \
        name, en, zh, "", POINT_BOOL, value                                              \
    }

static const struct point_row lift_points[] = {
    {"floor", "Floor", "楼层", "", POINT_NUMBER, 12},
    {"service_mode", "Mode", "运行模式", "", POINT_ENUM, 0},
    YES_NO("door", "Door open", "开门", 0),
    NUMBER("fault_code", "Fault code", "故障码", "", 0),
    NUMBER("trips", "Trips", "运行次数", "", 48213),
    {"panel", "Display", "面板显示", "", POINT_TEXT, 0},
    {0}};
static const struct point_row pump_points[] = {
    YES_NO("run", "Running", "运行", 1),
    NUMBER("flow", "Flow", "流量", "m3/h", 12.43),
    NUMBER("pressure", "Pressure", "压力", "MPa", 0.412),
    NUMBER("power", "Power", "功率", "kW", 5.21),
    NUMBER("starts", "Starts", "启动次数", "", 1203),
    {0}};
static const struct point_row water_points[] = {
    NUMBER("flow", "Flow", "流量", "m3/h", 3.17),
    NUMBER("volume", "Volume", "累计量", "m3", 84213.6),
    {0}};
static const struct point_row power_points[] = {
    NUMBER("power", "Active power", "有功功率", "kW", 48.2),
    NUMBER("v_l1", "Voltage L1", "A相电压", "V", 231.4),
    NUMBER("e_import", "Energy import", "正向有功电能", "kWh", 128344.2),
    NUMBER("pf", "Power factor", "功率因数", "", 0.953),
    {0}};
static const struct point_row fire_points[] = {
    YES_NO("alarm", "Fire alarm", "火警", 0),
    NUMBER("faults", "Faults", "故障数", "", 0),
    NUMBER("disabled", "Disabled", "屏蔽数", "", 1),
    YES_NO("mains", "Mains", "主电", 1),
    {0}};
static const struct point_row tank_points[] = {
    NUMBER("level", "Level", "液位", "m", 2.184),
    YES_NO("overflow", "Overflow", "溢流", 0),
    {0}};

static const struct equipment_row {
    const char *id;
    const char *name;
    const char *class_name;
    const char *place;
    uint32_t link;
    enum equipment_state state;
    const struct point_row *points;
    const char *reason;
} rows[] = {
    {"lift-1", "1号楼1单元电梯", "elevator", "1号楼/1单元", 1, STATE_UP, lift_points, ""},
    {"lift-2", "1号楼2单元电梯", "elevator", "1号楼/2单元", 1, STATE_FAULT, lift_points,
     "lift.fault"},
    {"lift-3", "2号楼1单元电梯", "elevator", "2号楼/1单元", 1, STATE_UP, lift_points, ""},
    {"lift-4", "2号楼2单元电梯", "elevator", "2号楼/2单元", 1, STATE_PLANNED, lift_points,
     ""},
    {"lift-5", "3号楼电梯", "elevator", "3号楼", 1, STATE_UP, lift_points, ""},
    {"pump-1", "生活水泵1", "pump", "地下一层泵房", 0, STATE_UP, pump_points, ""},
    {"pump-2", "生活水泵2", "pump", "地下一层泵房", 0, STATE_FAULT, pump_points,
     "pump.dry_run"},
    {"pump-3", "生活水泵3", "pump", "地下一层泵房", 0, STATE_DEGRADED, pump_points,
     "pump.short_cycling"},
    {"pump-4", "消防稳压泵", "pump", "地下一层泵房", 0, STATE_UP, pump_points, ""},
    {"sump-1", "集水井1", "sump", "地下一层泵房", 0, STATE_UP, tank_points, ""},
    {"tank-1", "生活水箱", "tank", "地下一层泵房", 0, STATE_UP, tank_points, ""},
    {"meter-w0", "总水表", "water_meter", "地下一层泵房", 2, STATE_DEGRADED, water_points,
     "water.night_flow"},
    {"meter-w1", "1号楼水表", "water_meter", "1号楼", 2, STATE_UP, water_points, ""},
    {"meter-w2", "2号楼水表", "water_meter", "2号楼", 2, STATE_UP, water_points, ""},
    {"meter-w3", "3号楼水表", "water_meter", "3号楼", 2, STATE_UNKNOWN, water_points,
     "comm"},
    {"feeder-1", "1号配电柜", "electricity_meter", "配电室", 0, STATE_UP, power_points,
     ""},
    {"feeder-2", "2号配电柜", "electricity_meter", "配电室", 0, STATE_UP, power_points,
     ""},
    {"feeder-3", "应急电源柜", "electricity_meter", "配电室", 0, STATE_UP, power_points,
     ""},
    {"fire-1", "火灾报警控制器", "fire_panel", "消控室", 0, STATE_UP, fire_points, ""},
    {"fire-2", "电气火灾监控主机", "fire_panel", "消控室", 0, STATE_UP, fire_points, ""},
    {"esc-1", "商业街扶梯A", "elevator", "商业街", 1, STATE_EXTERNAL, lift_points,
     "power"},
    {"esc-2", "商业街扶梯B", "elevator", "商业街", 1, STATE_UP, lift_points, ""},
    {"meter-w4", "商业街水表", "water_meter", "商业街", 2, STATE_UNKNOWN, water_points,
     "startup"},
    {"tank-2", "消防水池", "tank", "室外", 0, STATE_UP, tank_points, ""},
};

static const struct {
    const char *id;
    const char *kind;
} link_rows[] = {{"plant-room", "modbus"}, {"riser-a", "modbus"}, {"broker", "mqtt"}};

enum {
    ROWS = sizeof rows / sizeof rows[0],
    LINKS = sizeof link_rows / sizeof link_rows[0],
};

static const struct enum_label modes[] = {{0, "normal"}, {2, "inspection"}, {7, "fire"}};

static const struct expr_settings dry_when = {
    .text = "held(run, 1m) and avg(flow, 1m) < $flow_min"};
static struct rule_settings rules[] = {
    {.id = "pump.dry_run",
     .class_name = "pump",
     .kind = RULE_FAULT,
     .severity = SEVERITY_GENERAL,
     .category = CATEGORY_FACILITIES,
     .failure = true,
     .title_en = "Pump runs dry",
     .title_zh = "水泵干转",
     .advice_en =
         "Stop the pump at the panel. Check the suction valve and the tank level, "
         "then vent the pump before starting it again.",
     .advice_zh = "在控制柜停泵。检查进水阀门和水箱液位，排气后再启动。"},
    {.id = "pump.short_cycling",
     .class_name = "pump",
     .kind = RULE_FAULT,
     .severity = SEVERITY_MINOR,
     .category = CATEGORY_FACILITIES,
     .title_en = "Pump starts too often",
     .title_zh = "水泵启停频繁",
     .advice_en = "Check the pressure vessel and the pressure switch.",
     .advice_zh = "检查稳压罐和压力开关。"},
    {.id = "lift.fault",
     .class_name = "elevator",
     .kind = RULE_FAULT,
     .severity = SEVERITY_SERIOUS,
     .category = CATEGORY_FACILITIES,
     .failure = true,
     .title_en = "Elevator reports a fault",
     .title_zh = "电梯报故障",
     .advice_en =
         "Call the maintenance company. Check by intercom that nobody is trapped.",
     .advice_zh = "通知维保单位。通过对讲确认轿厢内无人被困。"},
    {.id = "water.night_flow",
     .class_name = "water_meter",
     .kind = RULE_LEAK,
     .severity = SEVERITY_GENERAL,
     .category = CATEGORY_FACILITIES,
     .title_en = "Water flows all night: probably a leak",
     .title_zh = "夜间持续用水，疑似漏水",
     .advice_en = "Compare with the sub-meters to find the building.",
     .advice_zh = "对比分表，确定漏水楼栋。"},
    {.id = "comm",
     .class_name = "*",
     .kind = RULE_OUTAGE,
     .severity = SEVERITY_MINOR,
     .category = CATEGORY_FACILITIES,
     .title_en = "Communication lost",
     .title_zh = "通讯中断",
     .advice_en = "",
     .advice_zh = ""},
};

static struct link_settings link_settings[] = {
    {.id = "plant-room",
     .kind = LINK_MODBUS,
     .modbus = "rtu:///dev/ttyS0",
     .timeout_ms = 500},
    {.id = "riser-a",
     .kind = LINK_MODBUS,
     .modbus = "tcp://127.0.0.1",
     .timeout_ms = 500},
    {.id = "broker", .kind = LINK_MQTT, .modbus = "", .sparkplug = "", .timeout_ms = 500},
};

/* Those of web_fake_rest.c. */
static struct sink_settings sinks[] = {
    {.id = "vm", .type = SINK_VICTORIAMETRICS},
    {.id = "influx", .type = SINK_INFLUXDB1},
};

struct fake_site {
    struct model *model;
    struct config config;
    struct web_site view;
    struct engine {
        const struct config *config;
    } engine;
    pthread_rwlock_t swap;
    pthread_mutex_t engine_mutex;
    char *prefix;
    unsigned ticks;
    bool ready;
};

static void add_points(struct model *model, struct equipment *equipment,
                       const struct point_row *points)
{
    equipment->first_point = (uint32_t)model->point_count;
    for (; points != NULL && points->name != NULL; points++) {
        struct point *point = &model->points[model->point_count];

        *point = (struct point){.index = (uint32_t)model->point_count++,
                                .equipment = equipment->index,
                                .name = points->name,
                                .title_en = points->en,
                                .title_zh = points->zh,
                                .unit = points->unit,
                                .kind = points->kind,
                                .period_ms = 5000,
                                .stale_after_ms = 15000,
                                .digits = 9,
                                .store = true};
        if (point->kind == POINT_ENUM) {
            point->labels = modes;
            point->label_count = 3;
        }
    }
    model->points[model->point_count] =
        (struct point){.index = (uint32_t)model->point_count,
                       .equipment = equipment->index,
                       .name = "online",
                       .unit = "",
                       .kind = POINT_BOOL,
                       .builtin = true,
                       .store = true};
    model->point_count++;
    equipment->point_count = (uint32_t)model->point_count - equipment->first_point;
}

static void add_equipment(struct fake_site *site, size_t copy,
                          const struct equipment_row *row)
{
    struct model *model = site->model;
    struct equipment *equipment = &model->equipment[model->equipment_count];
    char id[64];
    char name[256];
    char place[256];

    (void)snprintf(id, sizeof id, copy == 0 ? "%s" : "%s-%zu", row->id, copy);
    (void)snprintf(name, sizeof name, "%s%s", row->name, site->prefix);
    (void)snprintf(place, sizeof place, copy == 0 ? "%s%s" : "%s%s·%zu", row->place,
                   site->prefix, copy);
    *equipment = (struct equipment){.index = (uint32_t)model->equipment_count++,
                                    .id = model_string(model, id),
                                    .name = model_string(model, name),
                                    .class_name = row->class_name,
                                    .place = model_string(model, place),
                                    .link = row->link};
    add_points(model, equipment, row->points);
}

static void add_links(struct model *model)
{
    model->links = model_memory(model, LINKS, sizeof *model->links);
    for (uint32_t i = 0; i < LINKS; i++) {
        struct equipment *equipment = &model->equipment[model->equipment_count];

        model->links[i] = (struct link){i, link_rows[i].id, link_rows[i].kind,
                                        (uint32_t)model->equipment_count};
        *equipment = (struct equipment){.index = (uint32_t)model->equipment_count++,
                                        .id = link_rows[i].id,
                                        .name = link_rows[i].id,
                                        .class_name = "link",
                                        .place = "",
                                        .link = i,
                                        .is_link = true};
        add_points(model, equipment, NULL);
    }
    model->link_count = LINKS;
}

static void build_model(struct fake_site *site, size_t copies)
{
    struct model *model = model_new();
    struct relation *power = model_memory(model, 1, sizeof *power);
    uint32_t *feeder = model_memory(model, 1, sizeof *feeder);

    site->model = model;
    model->site_id = "riverside";
    model->site_name = "滨江花园";
    model->equipment =
        model_memory(model, copies * ROWS + LINKS, sizeof(struct equipment));
    model->points = model_memory(model, (copies * ROWS + LINKS) * FAKE_POINTS_MAX,
                                 sizeof(struct point));
    for (size_t copy = 0; copy < copies; copy++)
        for (size_t i = 0; i < ROWS; i++)
            add_equipment(site, copy, &rows[i]);
    add_links(model);
    *feeder = 15;
    *power = (struct relation){.name = "power", .equipment = feeder, .count = 1};
    model->equipment[6].relations = power;
    model->equipment[6].relation_count = 1;
    model_seal(model);
}

static const struct equipment_row *row_of(const struct equipment *equipment)
{
    return &rows[equipment->index % ROWS];
}

static double start_value(const struct equipment *equipment, uint32_t k)
{
    return k + 1 == equipment->point_count ? 1 : row_of(equipment)->points[k].value;
}

static void fill_live(struct fake_site *site)
{
    for (size_t i = 0; i < site->model->equipment_count; i++) {
        const struct equipment *equipment = &site->model->equipment[i];
        bool silent = !equipment->is_link && row_of(equipment)->state == STATE_UNKNOWN;
        bool never = silent && strcmp(row_of(equipment)->reason, "startup") == 0;

        for (uint32_t k = 0; k < equipment->point_count && !never; k++) {
            bool online = k + 1 == equipment->point_count;
            struct sample sample = {
                .point = equipment->first_point + k,
                .quality = silent && !online ? QUALITY_BAD : QUALITY_GOOD,
                .reason = silent && !online ? REASON_TIMEOUT : REASON_NONE,
                .value = equipment->is_link ? 1 : start_value(equipment, k),
                .time = wall_add_ms(wall_now(), silent ? -1500000 : 0),
                .mono = mono_now()};

            if (silent) {
                struct sample before = sample;

                before.quality = QUALITY_GOOD;
                before.reason = REASON_NONE;
                live_put(site->view.live, &before, 1, NULL);
            }
            if (silent && online)
                sample.value = 0;
            if (i == 8 && k == 2) {
                sample.quality = QUALITY_UNCERTAIN;
                sample.reason = REASON_CLOCK;
            }
            live_put(site->view.live, &sample, 1, NULL);
            if (site->model->points[sample.point].kind == POINT_TEXT)
                live_put_text(site->view.live, sample.point, "F12 ▲");
        }
    }
}

static void open_issue(struct fake_site *site, const char *equipment, size_t rule,
                       enum issue_status status, int64_t ago_ms)
{
    const struct equipment *e = model_equipment(site->model, equipment);
    const struct rule_settings *r = &rules[rule];
    struct wall_time opened = wall_add_ms(wall_now(), -ago_ms);
    const struct issue_view issue = {
        .severity = r->severity,
        .category = r->category,
        .kind = rule_kind_name(r->kind),
        .source = "rule",
        .rule = r->id,
        .equipment = e->id,
        .equipment_name = e->name,
        .class_name = e->class_name,
        .place = e->place,
        .title_en = r->title_en,
        .title_zh = r->title_zh,
        .advice_en = r->advice_en,
        .advice_zh = r->advice_zh,
        .alarm_active = status != ISSUE_CLOSED && status != ISSUE_RESOLVED,
        .returned =
            status == ISSUE_CLOSED ? wall_add_ms(opened, 3600000) : (struct wall_time){0},
        .recurrences = rule == 1 ? 3 : 0,
        .evidence =
            rule == 0
                ? "{\"rule\":\"pump.dry_run\",\"when\":{\"text\":\"held(run, 1m) and "
                  "avg(flow, 1m) < $flow_min\",\"value\":true,\"terms\":[{\"text\":"
                  "\"held(run, 1m)\",\"value\":true,\"coverage\":1},{\"text\":"
                  "\"avg(flow, 1m)\",\"value\":0.08,\"unit\":\"m3/h\","
                  "\"coverage\":0.97}]},\"params\":{\"flow_min\":0.5}}"
                : "{\"when\":{\"text\":\"fault_code != 0\",\"value\":true}}"};
    size_t index = fake_desk_issue(site->view.desk, &issue, opened);
    static const enum issue_action path[] = {ACTION_ACKNOWLEDGE, ACTION_START,
                                             ACTION_RESOLVE, ACTION_CLOSE};
    char id[DESK_ID_SIZE];

    (void)snprintf(id, sizeof id, "riverside-01JDFAKE%018zu", index + 1);
    for (int i = 0; i < (int)status && status <= ISSUE_CLOSED; i++)
        (void)desk_act(site->view.desk, id, path[i], i == 0 ? "web" : "wang",
                       i == 1 ? "已到现场，检查进水阀门。" : "",
                       wall_add_ms(opened, (i + 1) * INT64_C(600000)), NULL);
}

static void fill_desk(struct fake_site *site)
{
    struct desk *desk = site->view.desk;
    struct wall_time now = wall_now();

    for (size_t i = 0; i < site->model->equipment_count; i++) {
        const struct equipment *equipment = &site->model->equipment[i];

        if (!equipment->is_link && row_of(equipment)->state != STATE_UP)
            fake_desk_state(desk, (uint32_t)i, row_of(equipment)->state,
                            row_of(equipment)->reason,
                            wall_add_ms(now, -600000 - (int64_t)(i % 17) * 1700000));
    }
    for (size_t i = 0; i < 70; i++)
        open_issue(site, rows[i % ROWS].id, i % 5, ISSUE_CLOSED,
                   (int64_t)(90 - i) * 86400000 / 2);
    open_issue(site, "pump-3", 1, ISSUE_IN_PROGRESS, 18000000);
    open_issue(site, "meter-w0", 3, ISSUE_ACKNOWLEDGED, 12000000);
    open_issue(site, "meter-w3", 4, ISSUE_OPEN, 1500000);
    open_issue(site, "pump-2", 1, ISSUE_RESOLVED, 9000000);
    open_issue(site, "pump-2", 0, ISSUE_OPEN, 5000000);
    open_issue(site, "lift-2", 2, ISSUE_OPEN, 2300000);
}

struct fake_site *fake_site_new(size_t copies, const char *name)
{
    struct fake_site *site = mem_alloc(sizeof *site);

    site->prefix = mem_strdup(name);
    build_model(site, copies);
    rules[0].when = dry_when;
    for (size_t i = 1; i < sizeof rules / sizeof rules[0]; i++)
        rules[i].when.text = "fault_code != 0";
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        rules[i].clear.text = "";
    site->config = (struct config){.site = {.id = "riverside",
                                            .name = "滨江花园",
                                            .timezone = "Asia/Shanghai",
                                            .language = "zh-CN"},
                                   .links = link_settings,
                                   .link_count = LINKS,
                                   .rules = rules,
                                   .rule_count = sizeof rules / sizeof rules[0],
                                   .sinks = sinks,
                                   .sink_count = sizeof sinks / sizeof sinks[0],
                                   .model = site->model};
    fake_links_configure(&site->config, ROWS);
    site->engine.config = &site->config;
    site->view = (struct web_site){.generation = 1,
                                   .config = &site->config,
                                   .model = site->model,
                                   .live = live_new(site->model->point_count),
                                   .engine = (struct engine *)&site->engine,
                                   .desk = fake_desk_new(site->model, wall_now()),
                                   .tz = tz_load("Asia/Shanghai", NULL)};
    (void)pthread_rwlock_init(&site->swap, NULL);
    (void)pthread_mutex_init(&site->engine_mutex, NULL);
    site->ready = true;
    fill_live(site);
    fill_desk(site);
    return site;
}

void fake_site_free(struct fake_site *site)
{
    fake_desk_free(site->view.desk);
    live_free(site->view.live);
    tz_free(site->view.tz);
    model_free(site->model);
    mem_free(site->prefix);
    (void)pthread_rwlock_destroy(&site->swap);
    (void)pthread_mutex_destroy(&site->engine_mutex);
    mem_free(site);
}

void fake_site_tick(struct fake_site *site)
{
    site->ticks++;
    for (size_t i = 0; i < site->model->equipment_count; i++) {
        const struct equipment *equipment = &site->model->equipment[i];

        if (equipment->is_link || row_of(equipment)->state == STATE_UNKNOWN)
            continue;
        if ((site->ticks + i) % 3 != 0)
            continue;
        for (uint32_t k = 0; k + 1 < equipment->point_count; k++) {
            const struct point *point = &site->model->points[equipment->first_point + k];
            double start = start_value(equipment, k);
            struct sample sample = {.point = point->index,
                                    .value = start,
                                    .time = wall_now(),
                                    .mono = mono_now()};

            if (point->kind == POINT_NUMBER && trunc(start) != start)
                sample.value = start * (1 + 0.03 * sin((double)(site->ticks + i)));
            live_put(site->view.live, &sample, 1, NULL);
        }
    }
}

void fake_site_reload(struct fake_site *site)
{
    (void)pthread_rwlock_wrlock(&site->swap);
    site->view.generation++;
    (void)pthread_rwlock_unlock(&site->swap);
}

void fake_site_set_state(struct fake_site *site, const char *equipment,
                         enum equipment_state state, const char *reason)
{
    fake_desk_state(site->view.desk, model_equipment(site->model, equipment)->index,
                    state, reason, wall_now());
}

void fake_site_set_ready(struct fake_site *site, bool ready)
{
    site->ready = ready;
}

const struct web_site *fake_site_view(struct fake_site *site)
{
    return &site->view;
}

static const struct web_site *acquire(void *context)
{
    struct fake_site *site = context;

    (void)pthread_rwlock_rdlock(&site->swap);
    return &site->view;
}

static void release(void *context)
{
    struct fake_site *site = context;

    (void)pthread_rwlock_unlock(&site->swap);
}

static void lock_engine(void *context)
{
    struct fake_site *site = context;

    (void)pthread_mutex_lock(&site->engine_mutex);
}

static void unlock_engine(void *context)
{
    struct fake_site *site = context;

    (void)pthread_mutex_unlock(&site->engine_mutex);
}

static void link_status(void *context, uint32_t link, struct link_status *status)
{
    (void)context;
    fake_link_status(link, status);
}

static size_t link_units(void *context, uint32_t link, struct unit_status *units,
                         size_t max)
{
    (void)context;
    return fake_link_units(link, units, max);
}

static size_t link_strangers(void *context, uint32_t link,
                             struct link_stranger strangers[LINK_STRANGERS_MAX])
{
    (void)context;
    return fake_link_strangers(link, strangers);
}

static bool ready(void *context, struct text *reasons)
{
    struct fake_site *site = context;

    text_add(reasons, site->ready ? "[]" : "[\"issue store: disk is full\"]");
    return site->ready;
}

static void metrics(void *context, struct text *out)
{
    (void)context;
    text_add(out, "# HELP facilityd_up 1.\n# TYPE facilityd_up gauge\nfacilityd_up 1\n");
}

struct web_source fake_site_source(struct fake_site *site)
{
    return (struct web_source){.context = site,
                               .acquire = acquire,
                               .release = release,
                               .lock_engine = lock_engine,
                               .unlock_engine = unlock_engine,
                               .link_status = link_status,
                               .link_units = link_units,
                               .link_strangers = link_strangers,
                               .ready = ready,
                               .metrics = metrics,
                               .tools = fake_tools()};
}

/* names.c - see names.h. */
#include "web/names.h"

#include <stdlib.h>
#include <string.h>

/* Sorted by strcmp, for bsearch; a test watches over it. */
struct row {
    const char *name;
    const char *words[LANGUAGE_COUNT];
};

/* clang-format off */
static const struct row rows[] = {
    {"active_power", {"Active power", "有功功率"}},
    {"alarm", {"Alarm", "报警"}},
    {"alarm_button", {"Alarm button", "报警按钮"}},
    {"alarm_code", {"Alarm code", "报警代码"}},
    {"alarms", {"Alarms", "报警数"}},
    {"battery", {"Battery", "电池电量"}},
    {"cable_break", {"Cable break", "断缆"}},
    {"cable_length", {"Cable length", "线缆长度"}},
    {"closed", {"Closed", "关闭"}},
    {"cmd", {"Start command", "启动命令"}},
    {"contamination", {"Contamination", "线缆污染"}},
    {"current", {"Current", "电流"}},
    {"depth", {"Depth", "水深"}},
    {"direction", {"Direction", "运行方向"}},
    {"disabled", {"Disabled", "屏蔽"}},
    {"distance", {"Distance", "距离"}},
    {"door", {"Door open", "开门"}},
    {"door_closed", {"Door closed", "门已关闭"}},
    {"door_cycles", {"Door cycles", "开关门次数"}},
    {"down", {"Down", "下行"}},
    {"earthquake", {"Earthquake", "地震"}},
    {"emergency_power", {"Emergency power", "应急电源"}},
    {"empty", {"Pipe empty", "空管"}},
    {"energy", {"Energy", "电能"}},
    {"fault", {"Fault", "故障"}},
    {"fault_code", {"Fault code", "故障码"}},
    {"fire", {"Fire alarm", "火警"}},
    {"fire_return", {"Fire return", "消防返回"}},
    {"firefighter", {"Firefighter", "消防员运行"}},
    {"floor", {"Floor", "楼层"}},
    {"flow", {"Flow", "流量"}},
    {"freq", {"Frequency", "频率"}},
    {"frequency", {"Frequency", "频率"}},
    {"full", {"Pipe full", "满管"}},
    {"heartbeat", {"Heartbeat", "心跳"}},
    {"hours", {"Hours run", "运行小时"}},
    {"humidity", {"Humidity", "湿度"}},
    {"in_door_zone", {"In door zone", "在门区"}},
    {"inspection", {"Inspection", "检修"}},
    {"leak", {"Leak", "漏水"}},
    {"leak_current", {"Leak current", "泄漏电流"}},
    {"leak_distance", {"Leak position", "漏水位置"}},
    {"level", {"Level", "液位"}},
    {"link_quality", {"Signal quality", "信号质量"}},
    {"load", {"Load", "负载"}},
    {"mains", {"Mains supply", "主电"}},
    {"mode", {"Mode", "运行模式"}},
    {"moving", {"Moving", "运行中"}},
    {"none", {"None", "无"}},
    {"normal", {"Normal", "正常"}},
    {"open", {"Open", "打开"}},
    {"out_of_service", {"Out of service", "停用"}},
    {"overflow", {"Overflow", "溢流"}},
    {"passenger_present", {"Passenger present", "轿内有人"}},
    {"pipe_state", {"Pipe state", "管道状态"}},
    {"position", {"Position", "开度"}},
    {"power", {"Power", "功率"}},
    {"power_ok", {"Supply", "供电正常"}},
    {"pressure", {"Pressure", "压力"}},
    {"residual_current", {"Residual current", "剩余电流"}},
    {"run", {"Running", "运行"}},
    {"run_count", {"Trips", "运行次数"}},
    {"run_time", {"Running time", "运行时间"}},
    {"safety_chain_closed", {"Safety chain closed", "安全回路闭合"}},
    {"speed", {"Speed", "转速"}},
    {"starts", {"Starts", "启动次数"}},
    {"supervisory", {"Supervisory", "监管"}},
    {"supply", {"Supply", "供电"}},
    {"temp_liquid", {"Liquid temperature", "介质温度"}},
    {"temp_motor", {"Motor temperature", "电机温度"}},
    {"temp_water", {"Water temperature", "水温"}},
    {"temperature", {"Temperature", "温度"}},
    {"unknown", {"Unknown", "未知"}},
    {"up", {"Up", "上行"}},
    {"valve", {"Valve", "阀门"}},
    {"voltage", {"Voltage", "电压"}},
    {"volume", {"Volume", "累计水量"}},
    {"warning", {"Warning", "警告"}},
    {"zone", {"Zone", "区域"}},
};

static const struct row relations[] = {
    {"parent", {"Part of", "上级设备"}},
    {"power", {"Supplied by", "供电来源"}},
    {"pumps", {"Pumps", "水泵"}},
    {"submeters", {"Sub-meters", "分表"}},
    {"suction", {"Draws from", "吸水来源"}},
    {"water_from", {"Water from", "供水来源"}},
};
/* clang-format on */

enum {
    RELATIONS = sizeof relations / sizeof relations[0],
    ROWS = sizeof rows / sizeof rows[0],
};

static int compare(const void *key, const void *row)
{
    return strcmp(key, ((const struct row *)row)->name);
}

const char *name_word(enum language language, const char *name)
{
    const struct row *found = bsearch(name, rows, ROWS, sizeof rows[0], compare);

    return found == NULL ? NULL : found->words[language];
}

const char *name_relation(enum language language, const char *name)
{
    const struct row *found =
        bsearch(name, relations, RELATIONS, sizeof relations[0], compare);

    return found == NULL ? name : found->words[language];
}

const char *name_at(size_t index)
{
    return index < ROWS ? rows[index].name : NULL;
}

/* definitions.c - what the words of the failure report mean, printed beneath it.
 *
 * Whoever reads a rate must see what was counted and what it was divided by. */
#include "reports/failure_rate.h"

#include <string.h>

static const struct report_definition english[] = {
    {"Failure",
     "A change of an equipment into the state fault: an alarm of a rule marked "
     "as failure became active. It is counted in the month in which it starts. "
     "When the same rule is active again before the equipment was in service "
     "for 10 minutes, it is the same failure. Loss of communication is no "
     "failure."},
    {"Fault time", "From the start of a failure to a return to service that holds for 10 "
                   "minutes, clipped to the month. While a fault lasts, outages, planned "
                   "work and missing data do not interrupt it as long as the alarm is "
                   "active and facilityd is running."},
    {"Up time", "Time in which the equipment was observed and had no failure; with other "
                "alarms it is degraded, which is shown apart and counts as up."},
    {"External",
     "Time in which the supply of the equipment was out. It counts neither as "
     "up nor as fault."},
    {"Planned", "Declared work. It counts neither as up nor as fault."},
    {"Unknown", "Time without data and without an active failure: no communication, or "
                "facilityd was not running. It counts neither as up nor as fault."},
    {"Unit-month",
     "Exposure: hours in which the equipment was configured, divided by the "
     "hours of the month. Equipment that came or went within the month, and "
     "a month that is still running, count in part."},
    {"Failure rate", "Failures divided by unit-months. The limits are those of the exact "
                     "two-sided 90 % Poisson interval (above 200 failures its "
                     "Wilson-Hilferty approximation)."},
    {"MTBF",
     "Mean operating time between failures: up time divided by failures. Without a "
     "failure only the lower limit is given: up time divided by the upper limit "
     "of the count."},
    {"MTTR", "Mean time to restoration of the failures restored in the month, from the "
             "start of the failure, also when that lies before the month."},
    {"Mean down time", "Fault time of the month divided by the failures that started in "
                       "it."},
    {"Availability", "Up time / (up time + fault time); with planned work: up time / (up "
                     "time + fault time + planned time)."},
    {"Coverage", "1 - unknown time / time in scope. With low coverage the other figures "
                 "say little."},
    {"Repeat failure", "A failure of the same equipment by the same rule within 30 days "
                       "after the start of the one before."},
    {"Compared with its class",
     "The probability that equipment of equal quality fails as "
     "often as this one by chance, given the failures and the "
     "exposure of the others of its class (exact binomial "
     "test). Below 0.05 is worth a look."},
};

static const struct report_definition chinese[] = {
    {"故障",
     "设备进入故障状态：标记为“失效”的规则触发告警。按开始时间计入当月。若设备恢复"
     "运行不足 10 分钟同一规则再次触发，视为同一次故障。通信中断不算故障。"},
    {"故障时间",
     "从故障开始到恢复并稳定运行 10 分钟为止的时间，仅计当月部分。故障期间只要"
     "告警仍有效且 facilityd 在运行，停电、计划检修和数据缺失不中断故障时间。"},
    {"正常时间",
     "设备可观测且无故障的时间；有其他告警时为“带告警运行”，单独列出，仍计入正常"
     "时间。"},
    {"外部原因", "设备的供电等外部供应中断的时间，既不计入正常也不计入故障。"},
    {"计划停机", "事先申报的检修时间，既不计入正常也不计入故障。"},
    {"未知",
     "没有数据且没有有效故障的时间：通信中断，或 facilityd 未运行。既不计入正常也不计"
     "入故障。"},
    {"台月",
     "统计基数：设备在配置中的小时数除以当月总小时数。月内新增或撤除的设备以及尚未结"
     "束的月份按比例计。"},
    {"故障率", "故障次数除以台月。上下限为精确的双侧 90 % 泊松置信区间（超过 200 次时用 "
               "Wilson-Hilferty 近似）。"},
    {"平均无故障时间",
     "正常时间除以故障次数（MTBF）。没有故障时只给出下限：正常时间除以次数"
     "上限。"},
    {"平均恢复时间",
     "当月恢复的故障从开始到恢复的平均时间（MTTR），开始于上月的也从开始时刻"
     "算起。"},
    {"平均停机时间", "当月故障时间除以当月开始的故障次数。"},
    {"可用率",
     "正常时间 /（正常时间 + 故障时间）；含计划停机时：正常时间 /（正常时间 + 故障时"
     "间 + 计划停机时间）。"},
    {"数据覆盖率", "1 - 未知时间 / 统计范围内的时间。覆盖率低时其他数字参考价值有限。"},
    {"重复故障", "同一设备同一规则在上一次故障开始后 30 天内再次发生的故障。"},
    {"与同类相比",
     "在同类其他设备的故障次数和统计基数下，质量相同的设备仅因偶然达到这么多次故"
     "障的概率（精确二项检验）。低于 0.05 值得关注。"},
};

const struct report_definition *failure_definitions(const char *language, size_t *count)
{
    if (strcmp(language, "zh-CN") == 0) {
        *count = sizeof chinese / sizeof chinese[0];
        return chinese;
    }
    *count = sizeof english / sizeof english[0];
    return english;
}

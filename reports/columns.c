/* columns.c - see columns.h. */
#include "reports/columns.h"

#define COUNT(field, en, zh)                                                             \
    {                                                                                    \
#field, en, zh, offsetof(struct failure_figures, field), true                    \
    }
#define VALUE(field, en, zh)                                                             \
    {                                                                                    \
#field, en, zh, offsetof(struct failure_figures, field), false                   \
    }

/* clang-format off */
static const struct figure_column columns[] = {
    COUNT(units, "Units", "台数"),
    VALUE(unit_months, "Unit-months", "台月"),
    COUNT(failures, "Failures", "故障次数"),
    VALUE(rate, "Failures per unit-month", "故障率（次/台月）"),
    VALUE(rate_low, "Rate, lower limit (90 %)", "故障率下限（90 %）"),
    VALUE(rate_high, "Rate, upper limit (90 %)", "故障率上限（90 %）"),
    COUNT(repeats, "Repeat failures", "重复故障"),
    VALUE(mtbf_h, "MTBF (h)", "平均无故障时间（h）"),
    VALUE(mtbf_low_h, "MTBF, lower limit (h)", "平均无故障时间下限（h）"),
    COUNT(restored, "Restored", "已恢复"),
    VALUE(mttr_h, "MTTR (h)", "平均恢复时间（h）"),
    VALUE(mdt_h, "Mean down time (h)", "平均停机时间（h）"),
    VALUE(availability, "Availability", "可用率"),
    VALUE(availability_planned, "Availability with planned work", "可用率（含计划停机）"),
    VALUE(coverage, "Coverage", "数据覆盖率"),
    VALUE(up_h, "Up (h)", "正常（h）"),
    VALUE(degraded_h, "of it degraded (h)", "其中带告警（h）"),
    VALUE(fault_h, "Fault (h)", "故障（h）"),
    VALUE(planned_h, "Planned (h)", "计划停机（h）"),
    VALUE(external_h, "External (h)", "外部原因（h）"),
    VALUE(unknown_h, "Unknown (h)", "未知（h）"),
    VALUE(repair_h, "Repair time (h)", "修复时间（h）"),
};
/* clang-format on */

const struct figure_column *figure_columns(size_t *count)
{
    *count = sizeof columns / sizeof columns[0];
    return columns;
}

static const void *field(const struct figure_column *column,
                         const struct failure_figures *figures)
{
    return (const char *)figures + column->offset;
}

int64_t figure_count(const struct figure_column *column,
                     const struct failure_figures *figures)
{
    return *(const int64_t *)field(column, figures);
}

double figure_value(const struct figure_column *column,
                    const struct failure_figures *figures)
{
    return *(const double *)field(column, figures);
}

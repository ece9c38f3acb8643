/* What jobs cost: every figure here was computed by hand. */
#include <math.h>
#include <stdio.h>

#include "jobs/price.h"
#include "jobs/state.h"
#include "jobs_help.h"

static const struct job_prices prices = {
    .fargate.vcpu_hour = 0.04,
    .fargate.gb_hour = 0.004,
    .fargate_spot.vcpu_hour = 0.01,
    .fargate_spot.gb_hour = 0.001,
    .arm.vcpu_hour = 0.03,
    .arm.gb_hour = 0.003,
    .disk_gb_hour = 0.0001,
};

#define T0 "1755685800000"
/* One hour later, and what is past it. */
#define T1 "1755689400000"
#define FARGATE "'platformCapabilities':['FARGATE'],"
#define SIZE(v, m)                                                                                 \
    "'resourceRequirements':[{'type':'MEMORY','value':'" m "'},{'type':'VCPU','value':'" v "'}]"
#define OVER "'jobId':'b','jobQueue':'q','status':'SUCCEEDED',"
#define AN_HOUR "'startedAt':" T0 ",'stoppedAt':" T1 ","

struct cost_case {
    const char *what;
    const char *json;
    double usd; /* below 0: not known */
};
/* clang-format off */
static const struct cost_case cases[] = {
    {"two vCPUs and 4 GB for an hour: 2 x 0.04 + 4 x 0.004", FARGATE OVER AN_HOUR "'container':{" SIZE("2", "4096") "}", 0.096},
    {"a quarter and half a GB: 0.25 x 0.04 + 0.5 x 0.004", FARGATE OVER AN_HOUR "'container':{" SIZE("0.25", "512") "}", 0.012},
    {"Fargate by its platform's version alone", OVER AN_HOUR "'container':{'fargatePlatformConfiguration':{'platformVersion':'LATEST'}," SIZE("1", "1024") "}", 0.044},
    {"ARM", FARGATE OVER AN_HOUR "'container':{'runtimePlatform':{'cpuArchitecture':'ARM64'}," SIZE("1", "1024") "}", 0.033},
    {"one second is billed as a minute: 0.044 / 60", FARGATE OVER "'startedAt':1755685800000,'stoppedAt':1755685801000,'container':{" SIZE("1", "1024") "}", 0.044 / 60},
    {"90.001 s are billed as 91 s", FARGATE OVER "'startedAt':1755685800000,'stoppedAt':1755685890001,'container':{" SIZE("1", "1024") "}", 0.044 * 91 / 3600},
    {"all attempts, each at least a minute", FARGATE OVER "'startedAt':1755685900000,'stoppedAt':1755689400000,'attempts':[{'startedAt':1755685800000,'stoppedAt':1755685810000},{'startedAt':1755685900000,'stoppedAt':1755689500000}],'container':{" SIZE("1", "1024") "}", 0.044 * 3660 / 3600},
    {"30 GB of storage: ten are to be paid", FARGATE OVER AN_HOUR "'container':{'ephemeralStorage':{'sizeInGiB':30}," SIZE("1", "1024") "}", 0.045},
    {"20 GB are free", FARGATE OVER AN_HOUR "'container':{'ephemeralStorage':{'sizeInGiB':20}," SIZE("1", "1024") "}", 0.044},
    {"several containers of a task", FARGATE OVER AN_HOUR "'ecsProperties':{'taskProperties':[{'containers':[{" SIZE("1", "1024") "},{" SIZE("0.5", "3072") "}]}]}", 0.076},
    {"a job that failed before it started cost nothing", FARGATE "'jobId':'b','jobQueue':'q','status':'FAILED','createdAt':1,'attempts':[],'container':{" SIZE("1", "1024") "}", 0},
    {"a success without times is not known", FARGATE OVER "'container':{" SIZE("1", "1024") "}", -1},
    {"an attempt without its start", FARGATE OVER AN_HOUR "'attempts':[{'stoppedAt':5}],'container':{" SIZE("1", "1024") "}", -1},
    {"an end before the start", FARGATE OVER "'startedAt':" T1 ",'stoppedAt':" T0 ",'container':{" SIZE("1", "1024") "}", -1},
    {"no memory", FARGATE OVER AN_HOUR "'container':{'resourceRequirements':[{'type':'VCPU','value':'1'}]}", -1},
    {"one container does not tell", FARGATE OVER AN_HOUR "'ecsProperties':{'taskProperties':[{'containers':[{" SIZE("1", "1024") "},{}]}]}", -1},
    {"no container", FARGATE OVER AN_HOUR "'x':1", -1},
    {"sizes that are none", FARGATE OVER AN_HOUR "'container':{" SIZE("lots", "1024") "}", -1},
    {"a size with a unit", FARGATE OVER AN_HOUR "'container':{" SIZE("1", "1024MiB") "}", -1},
    {"below zero", FARGATE OVER AN_HOUR "'container':{" SIZE("-1", "1024") "}", -1},
    {"not a number", FARGATE OVER AN_HOUR "'container':{" SIZE("nan", "inf") "}", -1},
    {"larger than any machine", FARGATE OVER AN_HOUR "'container':{" SIZE("1e300", "1024") "}", -1},
    {"a requirement of another shape", FARGATE OVER AN_HOUR "'container':{'resourceRequirements':[7,'x',{'type':'VCPU','value':['1']}]}", -1},
    {"GPUs", FARGATE OVER AN_HOUR "'container':{'resourceRequirements':[{'type':'GPU','value':'1'},{'type':'VCPU','value':'1'},{'type':'MEMORY','value':'1024'}]}", -1},
    {"Windows", FARGATE OVER AN_HOUR "'container':{'runtimePlatform':{'operatingSystemFamily':'WINDOWS_SERVER_2019_CORE'}," SIZE("1", "1024") "}", -1},
    {"several nodes", FARGATE OVER AN_HOUR "'nodeProperties':{},'container':{" SIZE("1", "1024") "}", -1},
    {"the parent of an array", FARGATE OVER AN_HOUR "'arrayProperties':{'size':3},'container':{" SIZE("1", "1024") "}", -1},
    {"EC2 without a price", "'platformCapabilities':['EC2']," OVER AN_HOUR "'container':{'vcpus':1,'memory':1024}", -1},
    {"no platform is EC2", OVER AN_HOUR "'container':{" SIZE("1", "1024") "}", -1},
    {"two platforms", "'platformCapabilities':['EC2','FARGATE']," OVER AN_HOUR "'container':{" SIZE("1", "1024") "}", -1},
    {"a summary of ListJobs", "'jobId':'b','status':'SUCCEEDED'," AN_HOUR "'container':{}", -1},
    {"it waits", FARGATE "'jobId':'b','jobQueue':'q','status':'RUNNABLE','container':{" SIZE("1", "1024") "}", -1},
};
/* clang-format on */

static struct batch_job *batch_of(const char *members)
{
    char *text = xasprintf("{%s}", members);
    struct batch_job *b = help_batch(text);

    free(text);
    return b;
}

Test(price, each_kind_of_job)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct cost_case *c = &cases[i];
        struct batch_job *b = batch_of(c->json);
        struct job_price x = job_price(b, &prices, 0);
        cr_expect(fabs(x.usd - c->usd) < 1e-9, "%s: %.9f", c->what, x.usd);
        cr_expect_eq(x.why[0] != '\0', x.usd < 0, "%s: %s", c->what, x.why);
        batch_job_free(b);
    }
    cr_expect(job_price(NULL, &prices, 0).usd < 0);
}

Test(price, what_is_not_priced_is_not_known)
{
    const struct job_prices none = {0};
    const struct job_prices half = {.fargate.vcpu_hour = 0.04};
    struct batch_job *b = batch_of(cases[0].json);

    cr_expect(job_price(b, &none, 0).usd < 0);
    cr_expect(job_price(b, &half, 0).usd < 0);
    b->size.capacity = CAPACITY_SPOT;
    cr_expect(fabs(job_price(b, &prices, 0).usd - 0.024) < 1e-9, "2 x 0.01 + 4 x 0.001");
    b->size.arm = true;
    cr_expect(job_price(b, &prices, 0).usd < 0, "Spot on ARM has no price here");
    batch_job_free(b);
}

Test(price, ec2_has_the_users_price_and_no_minimum)
{
    struct job_prices own = prices;
    struct batch_job *b = batch_of(OVER "'startedAt':1755685800000,'stoppedAt':1755685801500,"
                                        "'container':{'vcpus':4,'memory':2048}");

    own.ec2 = (struct price_pair){0.02, 0.001};
    cr_expect(fabs(job_price(b, &own, 0).usd - 0.082 * 1.5 / 3600) < 1e-12);
    batch_job_free(b);
}

Test(price, a_running_job_has_cost_something_so_far)
{
    char text[PRICE_TEXT_SIZE];
    struct batch_job *b =
        batch_of(FARGATE "'jobId':'b','jobQueue':'q','status':'RUNNING','startedAt':" T0
                         ",'attempts':[{'startedAt':1755682200000,'stoppedAt':1755685800000}],"
                         "'container':{" SIZE("1", "1024") "}");
    struct job_price x = job_price(b, &prices, INT64_C(1755687600000));
    struct job *j = help_job("'status':{'S':'IN_PROGRESS'}");
    struct state_rules rules = state_rules_default;
    struct job_state s;

    cr_expect(x.so_far && fabs(x.usd - 0.066) < 1e-9, "an attempt of an hour, and half of one");
    cr_expect(fabs(job_price(b, &prices, 0).usd - 0.044 * 61 / 60) < 1e-9,
              "a clock that is behind Batch's");
    cr_expect_str_eq(job_price_text(b, &prices, INT64_C(1755687600000), text),
                     "so far about $0.0660 (estimate: 1 vCPU and 1 GB for 1h 30m 00s at Fargate's "
                     "on-demand price: whether it was Spot is not known)");
    rules.prices = prices;
    job_state_merge(j, b, true, INT64_C(1755687600000), &rules, &s);
    cr_expect(s.cost_usd < 0, "the job's cost is known when it is over");
    b->status = BATCH_FAILED;
    job_state_merge(j, b, true, INT64_C(1755687600000), &rules, &s);
    cr_expect(fabs((double)s.cost_usd - 0.044) < 1e-6, "its attempts tell it");
    job_free(j);
    batch_job_free(b);
}

Test(price, in_words)
{
    char text[PRICE_TEXT_SIZE], usd[PRICE_SIZE];
    struct batch_job *b = batch_of(cases[0].json);

    b->size.capacity = CAPACITY_ON_DEMAND;
    cr_expect_str_eq(job_price_text(b, &prices, 0, text),
                     "about $0.0960 (estimate: 2 vCPU and 4 GB for 1h 00m 00s on Fargate)");
    b->size.millivcpus = 0;
    cr_expect_str_eq(job_price_text(b, &prices, 0, text),
                     "not known: Batch does not show its vCPUs and memory");
    b->status = BATCH_RUNNABLE;
    cr_expect_str_eq(job_price_text(b, &prices, 0, text), "", "it waits");
    cr_expect_str_eq(job_price_text(NULL, &prices, 0, text), "");
    batch_job_free(b);
    cr_expect_str_eq(price_text(0.00005, usd), "less than $0.0001");
    cr_expect_str_eq(price_text(0.0123, usd), "$0.0123");
    cr_expect_str_eq(price_text(12.3, usd), "$12.30");
    cr_expect_str_eq(price_text(0, usd), "$0.00");
}

Test(price, as_json)
{
    static const struct {
        double usd;
        const char *want;
    } rows[] = {
        {-1,        "null"    },
        {0,         "0"       },
        {0.0123456, "0.012346"},
        {0.0000001, "1e-07"   },
        {3,         "3"       },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cJSON *v = price_json(rows[i].usd);
        char *text = json_text(v);
        cr_expect_str_eq(text, rows[i].want);
        free(text);
        cJSON_Delete(v);
    }
}

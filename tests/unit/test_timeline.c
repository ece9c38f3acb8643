/* One list of what happened, from every source. */
#include <stdlib.h>

#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/timeline.h"
#include "jobs_help.h"

/* "10:30:05 record created\n..." of a record, a Batch job and kept reasons (each may be NULL). */
static char *lines(const char *attributes, const char *batch, const char *reasons)
{
    char *s = xasprintf("{'jobId':{'S':'j'}%s%s}", *attributes == '\0' ? "" : ",", attributes);
    cJSON *item = help_json(s);
    struct job *j = job_from_item(item);
    struct batch_job *b = batch == NULL ? NULL : help_batch(batch);
    cJSON *kept = reasons == NULL ? NULL : help_json(reasons);
    struct timeline t;
    struct strbuf out = STRBUF_INIT;

    timeline_build(&t, j, item, b, kept);
    for (size_t i = 0; i < t.len; i++) {
        char iso[TIME_ISO_SIZE];
        strbuf_addf(&out, "%.8s %s %s\n", time_iso(t.items[i].at_ms, iso) + 11, t.items[i].source,
                    t.items[i].event);
        cr_expect(i == 0 || t.items[i].at_ms >= t.items[i - 1].at_ms);
    }
    cJSON *json = timeline_json(&t);
    cr_expect_eq((size_t)cJSON_GetArraySize(json), t.len);
    cJSON_Delete(json);
    timeline_clear(&t);
    cJSON_Delete(kept);
    batch_job_free(b);
    job_free(j);
    cJSON_Delete(item);
    free(s);
    return strbuf_take(&out);
}

static void check(const char *attributes, const char *batch, const char *reasons, const char *want)
{
    char *got = lines(attributes, batch, reasons);
    cr_expect_str_eq(got, want, "got:\n%swant:\n%s", got, want);
    free(got);
}

#define CREATED "'createdAt':{'S':'2025-08-20T10:30:00Z'}"

Test(timeline, a_record_alone_tells_its_times_and_errors)
{
    check(CREATED ",'status':{'S':'FAILED'},'statusReason':{'S':'tests red'},"
                  "'startedAt':{'S':'2025-08-20T10:31:00Z'},"
                  "'completedAt':{'S':'2025-08-20T10:40:00Z'},'errors':{'L':[{'M':{'timestamp':"
                  "{'S':'2025-08-20T10:39:00Z'},'message':{'S':'boom'},'step':{'S':'BUILDING'}}}]},"
                  "'lastError':{'S':'no time'}",
          NULL, NULL,
          "10:30:00 record created\n"
          "10:31:00 record started\n"
          "10:39:00 record error in BUILDING: boom\n"
          "10:40:00 record status FAILED: tests red\n"
          "10:40:00 record error: no time\n");
}

Test(timeline, history_replaces_the_times_it_tells)
{
    check(CREATED ",'status':{'S':'COMPLETED'},'startedAt':{'S':'2025-08-20T10:31:00Z'},"
                  "'completedAt':{'S':'2025-08-20T10:40:00Z'},'history':{'L':["
                  "{'M':{'at':{'S':'2025-08-20T10:30:00Z'},'status':{'S':'PENDING'}}},"
                  "{'M':{'at':{'S':'2025-08-20T10:31:00Z'},'status':{'S':'IN_PROGRESS'},"
                  "'step':{'S':'INIT'}}},"
                  "{'M':{'at':{'S':'2025-08-20T10:35:00Z'},'step':{'S':'BUILDING'}}},"
                  "{'M':{'at':{'S':'2025-08-20T10:40:00Z'},'status':{'S':'COMPLETED'},"
                  "'reason':{'S':'all good'}}},"
                  "{'M':{'at':{'S':'never'},'step':{'S':'X'}}},{'S':'x'},7,{'M':{}}]}",
          NULL, NULL,
          "10:30:00 record status PENDING\n"
          "10:31:00 record status IN_PROGRESS, step INIT\n"
          "10:35:00 record step BUILDING\n"
          "10:40:00 record status COMPLETED: all good\n");
}

Test(timeline, batch_tells_each_attempt_with_code_and_reason)
{
    check(CREATED,
          "{'jobId':'b','status':'FAILED','statusReason':'Essential container in task exited',"
          "'createdAt':1755685805000,'startedAt':1755685870000,'stoppedAt':1755685880000,"
          "'container':{'exitCode':137},'attempts':[{'startedAt':1755685820000,'stoppedAt':"
          "1755685830000,'statusReason':'Host EC2 (instance i-1) terminated.','container':{}},"
          "{'startedAt':1755685870000,'stoppedAt':1755685880000,'container':{'exitCode':137,"
          "'reason':'OutOfMemoryError'}}]}",
          "[{'at':'2025-08-20T10:30:10Z','source':'Batch','reason':'CAPACITY:X'},{'at':5},7]",
          "10:30:00 record created\n"
          "10:30:05 event Batch: SUBMITTED as b\n"
          "10:30:10 reason Batch: CAPACITY:X\n"
          "10:30:20 batch Batch: RUNNING (attempt 1)\n"
          "10:30:30 batch Batch: attempt 1 ended: Host EC2 (instance i-1) terminated.\n"
          "10:31:10 batch Batch: RUNNING (attempt 2)\n"
          "10:31:20 batch Batch: attempt 2 ended with exit code 137: OutOfMemoryError\n"
          "10:31:20 batch Batch: FAILED: Essential container in task exited\n");
}

Test(timeline, the_attempt_under_way_is_told)
{
    check("",
          "{'jobId':'b','status':'RUNNING','createdAt':1755685805000,'startedAt':1755685870000,"
          "'attempts':[{'startedAt':1755685820000,'stoppedAt':1755685830000,'container':"
          "{'exitCode':1}}]}",
          NULL,
          "10:30:05 event Batch: SUBMITTED as b\n"
          "10:30:20 batch Batch: RUNNING (attempt 1)\n"
          "10:30:30 batch Batch: attempt 1 ended with exit code 1\n"
          "10:31:10 batch Batch: RUNNING (attempt 2)\n");
    check("",
          "{'jobId':'b','status':'SUCCEEDED','createdAt':1755685805000,'startedAt':1755685870000,"
          "'stoppedAt':1755685880000,'container':{'exitCode':0}}",
          NULL,
          "10:30:05 event Batch: SUBMITTED as b\n"
          "10:31:10 batch Batch: RUNNING (attempt 1)\n"
          "10:31:20 batch Batch: SUCCEEDED with exit code 0\n");
}

Test(timeline, a_refused_claim_is_told_as_such)
{
    check("",
          "{'jobId':'b','status':'FAILED','createdAt':1755685805000,'startedAt':1755685870000,"
          "'stoppedAt':1755685880000,'statusReason':'Essential container in task exited',"
          "'container':{'exitCode':75},'attempts':[{'startedAt':1755685870000,'stoppedAt':"
          "1755685880000,'container':{'exitCode':75}}]}",
          NULL,
          "10:30:05 event Batch: SUBMITTED as b\n"
          "10:31:10 batch Batch: RUNNING (attempt 1)\n"
          "10:31:20 batch Batch: attempt 1 was refused its claim and ended with exit code 75\n"
          "10:31:20 batch Batch: FAILED because its claim was refused: not a failure of the job: "
          "Essential container in task exited\n"
          "");
}

Test(timeline, nothing_known_is_an_empty_list)
{
    check("", NULL, NULL, "");
    check("'history':{'S':'x'},'errors':{'NULL':true}", "{'jobId':'b'}", "{}", "");
}

Test(timeline, long_texts_are_cut_at_a_character)
{
    struct strbuf b = STRBUF_INIT;
    struct job *j;
    struct timeline t;

    strbuf_adds(&b, CREATED ",'lastError':{'S':'");
    for (int i = 0; i < 1000; i++) {
        strbuf_adds(&b, "\xe2\x82\xac");
    }
    strbuf_adds(&b, "'}");
    j = help_job(strbuf_str(&b));
    timeline_build(&t, j, NULL, NULL, NULL);
    cr_assert_eq(t.len, 2);
    cr_expect_leq(strlen(t.items[1].event), 1024);
    cr_expect(text_utf8_valid(t.items[1].event, strlen(t.items[1].event)));
    timeline_clear(&t);
    job_free(j);
    strbuf_clear(&b);
}

Test(timeline, a_kept_reason_is_told_only_when_batch_no_longer_tells_it)
{
    check("'jobId':{'S':'job_1'}",
          "{'jobId':'b-1','status':'FAILED','statusReason':'Host EC2 terminated',"
          "'stoppedAt':1755685810000}",
          "[{'at':'2025-08-20T10:30:11Z','source':'batch','reason':'Host EC2 terminated'},"
          "{'at':'2025-08-20T10:30:05Z','source':'batch','reason':'CAPACITY:X'}]",
          "10:30:05 reason batch: CAPACITY:X\n"
          "10:30:10 batch Batch: FAILED: Host EC2 terminated\n");
}

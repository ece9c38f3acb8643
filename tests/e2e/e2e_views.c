/* The dashboard's views beside the jobs, with events that really came and really were lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/json.h"
#include "service.h"
#include "world.h"

static bool send_jobs(struct world *w, const char *name, int n)
{
    const char *argv[] = {w->program,        "send", "--user-id", "lost", "--product-id", "p",
                          "--business-name", name,   "--json",    NULL};
    const char *more[] = {"FOUNDERDASH_DATABASE_URL=postgresql://app:hunter2unlikely@db.example/x",
                          NULL};

    for (int i = 0; i < n; i++) {
        struct pty *p = run_with(w, argv, more, 24, 200);
        int status = -1;
        bool ok = pty_wait_exit(p, LONG, &status) && status == 0;
        pty_free(p);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static void lost_events_are_seen_edited_and_sent_again(struct world *w)
{
    cJSON *definition = service_lose_definition(&w->cloud);
    CHECK(NULL, send_jobs(w, "Lost Cause", 2));
    struct pty *p = open_dashboard(w, 30, 110);

    NEED(p, pty_wait(p, "Lost Cause", LONG));
    pty_send(p, "3");
    NEED(p, look_for(p, "Dead letter queue  2 messages"));
    CHECK(p, pty_wait(p, "NO_RESOURCE (2)", SOON));
    CHECK(p, pty_wait(p, "ACTIVE revision", SOON)); /* what to do */
    CHECK(p, pty_wait(p, "counts as a receive", SOON));
    CHECK(p, pty_wait(p, "Lost Cause", SOON));
    pty_send(p, "\r");
    CHECK(p, pty_wait(p, "What to do", SOON));
    pty_send(p, "G");
    CHECK(p, pty_wait(p, "postgresql://app:\\*\\*\\*\\*@|postgresql://app:****@", SOON));
    CHECK(p, !pty_has(p, "hunter2unlikely"));
    pty_send(p, "y");
    CHECK(p, pty_wait(p, "\"ERROR_CODE\": \"NO_RESOURCE\"", SOON));
    pty_send(p, "q");
    CHECK(p, pty_wait(p, "2 messages", SOON));
    service_restore_definition(&w->cloud, definition);
    /* Edits the event. Another type that the rule does not match would be lost, so only the detail
     * changes. */
    pty_send(p, "E");
    CHECK(p, pty_wait(p, "Edit the event", SOON));
    pty_send(p, "\033[3~"); /* Delete: the text is no JSON any more */
    CHECK(p, pty_wait(p, "detail", SOON));
    pty_send(p, "\033[15~");
    CHECK(p, pty_wait(p, "Not sent: ", SOON));
    pty_send(p, "{\"edited\":true,");
    CHECK(p, pty_wait(p, "Ready.", SOON));
    pty_send(p, "\033[15~");
    CHECK(p, pty_wait(p, "Redrive the edited event?", SOON));
    pty_send(p, "y");
    CHECK(p, pty_wait(p, "redriven to mvp-development as event", LONG));
    CHECK(p, pty_wait(p, "1 message", SOON));
    pty_send(p, "S");
    CHECK(p, pty_wait(p, "Redrive 1 event?", SOON));
    pty_send(p, "y");
    CHECK(p, pty_wait(p, "is empty", LONG));
    pty_send(p, "q");
    CHECK(p, pty_wait(p, "Jobs ", SOON));
    CHECK(p, pty_wait_gone(p, "PENDING", LONG)); /* both were picked up */
    pty_send(p, "3");
    CHECK(p, pty_wait(p, "is empty", SOON));
    quit(w, p);
}

static void read_only_changes_no_message(struct world *w)
{
    const char *argv[] = {w->program, "--read-only", NULL};
    cJSON *definition = service_lose_definition(&w->cloud);
    CHECK(NULL, send_jobs(w, "Kept As It Is", 1));
    struct pty *p = run_with(w, argv, NULL, 24, 80);

    NEED(p, pty_wait(p, "mvpdash", SOON));
    pty_send(p, ":dlq\r");
    NEED(p, look_for(p, "Dead letter queue  1 message"));
    for (const char *key = "SEx"; *key != '\0'; key++) {
        char one[2] = {*key, '\0'};
        pty_send(p, one);
        CHECK(p, pty_wait(p, "Read-only: nothing is changed", SOON));
        pty_send(p, "j");
        CHECK(p, pty_wait_gone(p, "Read-only: nothing", SOON));
    }
    quit(w, p);
    struct pty *again = open_dashboard(w, 24, 80);
    NEED(again, pty_wait(again, "mvpdash", SOON));
    pty_send(again, "3");
    NEED(again, look_for(again, "Dead letter queue  1 message"));
    pty_send(again, "x");
    CHECK(again, pty_wait(again, "Delete 1 message for good?", SOON));
    pty_send(again, "\r"); /* the focus is on No */
    CHECK(again, pty_wait_gone(again, "for good?", SOON));
    CHECK(again, pty_wait(again, "1 message", SOON));
    pty_send(again, "xy"); /* at once: nobody has read the question */
    CHECK(again, pty_wait(again, "press it again", SOON));
    CHECK(again, pty_wait(again, "Delete 1 message for good?", SOON));
    pty_send(again, "y");
    CHECK(again, pty_wait(again, "is empty", LONG));
    quit(w, again);
    service_restore_definition(&w->cloud, definition);
}

static void the_rules_events_are_followed(struct world *w)
{
    struct pty *p = open_dashboard(w, 24, 100);

    NEED(p, pty_wait(p, "mvpdash", SOON));
    pty_send(p, "4");
    CHECK(p, pty_wait(p, "Events of the rule  following", SOON));
    CHECK(p, send_jobs(w, "Event Horizon", 1));
    CHECK(p, pty_wait(p, "userId=lost", LONG));
    pty_send(p, "t"); /* local, UTC, age, off */
    CHECK(p, !pty_has(p, "hunter2unlikely"));
    pty_send(p, "/userId\r");
    CHECK(p, pty_wait_quiet(p, 200, SOON));
    pty_send(p, "\033");
    pty_send(p, "\033");
    CHECK(p, pty_wait(p, "Jobs ", SOON));
    quit(w, p);
    const char *more[] = {"EVENTBRIDGE_LOG_GROUP=/no/such/group", NULL};
    p = open_with(w, more, 24, 80);
    NEED(p, pty_wait(p, "mvpdash", SOON));
    pty_send(p, ":events\r");
    CHECK(p, pty_wait(p, "there is no log group /no/such/group", SOON));
    CHECK(p, pty_wait(p, "EVENTBRIDGE_LOG_GROUP", SOON));
    quit(w, p);
}

static void views_work_on_other_terminals(struct world *w)
{
    static const char *const terms[] = {"TERM=screen", "TERM=linux", "TERM=vt100"};

    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        const char *more[] = {terms[i], NULL};
        struct pty *p = open_with(w, more, 10, 40);
        NEED(p, pty_wait(p, "mvpdash", SOON));
        pty_send(p, "3");
        CHECK(p, pty_wait(p, "Dead letter queue", SOON));
        pty_send(p, "-4");
        CHECK(p, pty_wait(p, "Events of the rule", SOON));
        pty_resize(p, 50, 200);
        CHECK(p, pty_wait(p, "/aws/events/rule/mvp-development-rule", SOON));
        pty_send(p, "q");
        CHECK(p, pty_wait(p, "Jobs ", SOON));
        quit(w, p);
    }
}

/* What stood at the right edge is gone, though the window is as large as it was. */
static void a_window_that_shrank_and_grew_again_is_whole(struct world *w)
{
    struct pty *p = open_dashboard(w, 24, 100);

    NEED(p, pty_wait(p, "live", SOON));
    for (int i = 0; i < 5 && !w->failed; i++) {
        pty_send(p, "?"); /* nothing moves in the window of the keys but for our sake */
        CHECK(p, pty_wait(p, "Keys", SOON));
        (void)pty_wait_quiet(p, 100, QUIET);
        pty_resize(p, 24, 20);
        pty_resize(p, 24, 100);
        pty_send(p, "\033");
        CHECK(p, pty_wait_gone(p, "Keys", SOON));
        CHECK(p, pty_wait(p, "live", SOON)); /* at the right end of the first row */
    }
    quit(w, p);
}

/* Presses r until the screen has it. */
static bool look_until(struct pty *p, const char *text)
{
    int64_t until = pty_now_ms() + LONG;

    while (pty_now_ms() < until) {
        if (pty_wait(p, text, 1500)) {
            return true;
        }
        pty_send(p, "r");
    }
    return false;
}

/* Submitted by hand; its record comes later, and then its container's under the Batch id. */
static void a_job_that_batch_alone_knows_is_a_row_and_stays_it(struct world *w)
{
    char put[300];
    cJSON *made;

    cJSON_Delete(service_call(
        &w->cloud, AWS_OP_BATCH_REGISTER_JOB_DEFINITION,
        "{'jobDefinitionName':'by-hand','type':'container','containerProperties':{'image':'x',"
        "'command':['sh','-c','echo hello from the container; sleep 300'],'resourceRequirements':"
        "[{'type':'VCPU','value':'1'},{'type':'MEMORY','value':'512'}]}}"));
    struct pty *p = open_dashboard(w, 34, 150);
    NEED(p, pty_wait(p, "live", LONG));
    made = service_call(&w->cloud, AWS_OP_BATCH_SUBMIT_JOB,
                        "{'jobName':'night','jobQueue':'mvp-pipeline-queue','jobDefinition':"
                        "'by-hand','parameters':{'JOB_ID':'bench-77','USER_ID':'nora'}}");
    char *key = strdup(json_str_or(made, "jobId", "?"));
    cJSON_Delete(made);
    pty_send(p, "/");
    pty_send(p, "is:norecord bench\r");
    CHECK(p, look_until(p, "? no record"));
    CHECK(p, pty_wait(p, "bench-77", SOON));
    CHECK(p, look_until(p, "IN PROGRESS?"));
    pty_send(p, " "); /* the job has a mark, which stays with it */
    CHECK(p, pty_wait(p, "1 marked", SOON));
    pty_send(p, "/");
    pty_send(p, "\025bench\r"); /* the old text goes first */
    (void)snprintf(put, sizeof put,
                   "{'TableName':'mvp-development-jobs','Item':{'jobId':{'S':'bench-77'},'status':"
                   "{'S':'IN_PROGRESS'},'currentStep':{'S':'CLEANUP'},'updatedAt':{'S':"
                   "'2026-01-01T00:00:00Z'}}}");
    cJSON_Delete(service_call(&w->cloud, AWS_OP_DDB_PUT_ITEM, put));
    CHECK(p, look_until(p, "CLEANUP"));
    CHECK(p, pty_wait_gone(p, "? no record", SOON));
    CHECK(p, pty_wait(p, "1 marked", SOON));
    (void)snprintf(put, sizeof put,
                   "{'TableName':'mvp-development-jobs','Item':{'jobId':{'S':'%s'},'status':"
                   "{'S':'IN_PROGRESS'},'currentStep':{'S':'DEPLOYING'},'progress':{'N':'71'}}}",
                   key);
    cJSON_Delete(service_call(&w->cloud, AWS_OP_DDB_PUT_ITEM, put));
    CHECK(p, look_until(p, "& two records"));
    CHECK(p, pty_wait(p, "71%", SOON));
    CHECK(p, !pty_has(p, key + 30) || pty_has(p, "Batch job")); /* no row of its own */
    CHECK(p, pty_wait(p, "1/1", SOON));
    pty_send(p, "x");
    NEED(p, pty_wait(p, "Cancel 1 job?", SOON));
    pty_send(p, "y");
    CHECK(p, pty_wait_gone(p, "Cancel 1 job?", SOON));
    CHECK(p, look_until(p, "CANCELLED&"));
    free(key);
    quit(w, p);
}

/* The write calls of the thread that draws, so far; 0 where the kernel does not count them. */
static unsigned long long write_calls(const struct pty *p)
{
    char path[64];
    char line[128];
    unsigned long long n = 0;

    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/io", (int)pty_pid(p), (int)pty_pid(p));
    FILE *f = fopen(path, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "syscw: ", 7) == 0) {
            n = strtoull(line + 7, NULL, 10);
        }
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return n;
}

/* The list and the detail side by side: a cursor key changes both. */
static void few_bytes_beside_the_detail(struct world *w)
{
    static const char *const names[] = {"日本語の商店 1", "日本語の商店 2"};
    struct pty *p = open_dashboard(w, 40, 120);
    uint64_t bytes = UINT64_MAX;
    unsigned long long writes = UINT64_MAX;

    NEED(p, pty_wait(p, "live", SOON));
    send_names(w, "beside", names, sizeof names / sizeof *names);
    pty_send(p, "/\x15"
                "user:beside\r");
    NEED(p, pty_wait(p, "1/2", SOON));
    (void)pty_wait_gone(p, "IN PROGRESS|QUEUED|PENDING|running", LONG);
    for (int i = 0; i < 8; i++) { /* there and back; what else moves meanwhile is in few of them */
        uint64_t before = pty_bytes(p);
        unsigned long long calls = write_calls(p);
        pty_send(p, "j");
        CHECK(p, pty_wait(p, "2/2", SOON));
        (void)pty_wait_quiet(p, 50, 1000);
        pty_send(p, "k");
        CHECK(p, pty_wait(p, "1/2", SOON));
        (void)pty_wait_quiet(p, 50, 1000);
        uint64_t one = (pty_bytes(p) - before) / 2;
        bytes = one < bytes ? one : bytes;
        calls = write_calls(p) - calls;
        writes = calls < writes ? calls : writes;
    }
    (void)printf("    %llu bytes a cursor key, %llu write calls for two\n",
                 (unsigned long long)bytes, writes);
    CHECK(p, bytes > 0 && bytes < 270);
    CHECK(p, writes <= 4); /* one for each frame; two where a frame came in two pieces */
    pty_send(p, "/\025\r");
    CHECK(p, pty_wait_gone(p, "user:beside", SOON));
    quit(w, p);
}

/* One that failed at a step, and one that went through. */
static void two_jobs_stand_beside_each_other(struct world *w)
{
    static const char *const sent[][2] = {
        {"Twin One", "{\"simulate\":{\"exitCode\":7,\"atStep\":\"BUILDING\"},\"tier\":\"gold\"}"  },
        {"Twin Two", "{\"simulate\":{\"exitCode\":9,\"atStep\":\"BUILDING\"},\"tier\":\"silver\"}"},
    };

    for (size_t i = 0; i < 2; i++) {
        const char *argv[] = {w->program,     "send",     "--user-id",       "twin",
                              "--product-id", "p",        "--business-name", sent[i][0],
                              "--metadata",   sent[i][1], "--wait",          NULL};
        struct pty *p = run_with(w, argv, NULL, 24, 200);
        int status = -1;
        CHECK(p, pty_wait_exit(p, LONG, &status));
        pty_free(p);
    }
    struct pty *p = open_dashboard(w, 40, 100);
    NEED(p, pty_wait(p, "live", SOON));
    pty_send(p, "/");
    pty_send(p, "\025user:twin exit:7,9\r");
    NEED(p, look_until(p, "1/2|2/2"));
    pty_send(p, "*");
    CHECK(p, pty_wait(p, "2 marked", SOON));
    pty_send(p, "=");
    NEED(p, pty_wait(p, "Two jobs side by side", SOON));
    CHECK(p, pty_wait(p, "- exit 7; simulated failure with exit code 7", LONG));
    CHECK(p, pty_wait(p, "+ exit 9; simulated failure with exit code 9", SOON));
    CHECK(p, pty_wait(p, "- gold", SOON));
    for (int i = 0; i < 60; i++) { /* the end is another one once the logs have come */
        pty_send(p, "G");
        if (pty_wait(p, "- FAILED at BUILDING: simulated failure with exit code 7", 1000)) {
            break;
        }
    }
    CHECK(p, pty_has(p, "- FAILED at BUILDING: simulated failure with exit code 7"));
    CHECK(p, pty_wait(p, "+ FAILED at BUILDING: simulated failure with exit code 9", SOON));
    pty_resize(p, 40, 200);
    CHECK(p, pty_wait(p, "| FAILED at BUILDING: simulated failure with exit code 9", SOON));
    pty_send(p, "q");
    CHECK(p, pty_wait(p, "Jobs ", SOON));
    pty_send(p, "U/");
    pty_send(p, "\025reason:\"code 9\" !exit:7 took<1h\r");
    CHECK(p, pty_wait(p, "1/1", SOON));
    CHECK(p, pty_wait(p, "exit 9;", SOON)); /* in the column, on this wide screen */
    pty_send(p, "/");
    pty_send(p, "\025exit:oom");
    CHECK(p, pty_wait(p, "is not an exit code", SOON));
    pty_send(p, "\025\r");
    quit(w, p);
}

/* Ends all jobs of the queue that are not over: they would hold up those of other tests. */
static void end_jobs_of(struct world *w, const char *queue)
{
    static const char *const states[] = {"SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"};

    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        char what[300];
        const cJSON *v;
        (void)snprintf(what, sizeof what, "{'jobQueue':'%s','jobStatus':'%s'}", queue, states[i]);
        cJSON *list = service_call(&w->cloud, AWS_OP_BATCH_LIST_JOBS, what);
        cJSON_ArrayForEach(v, json_array(list, "jobSummaryList"))
        {
            (void)snprintf(what, sizeof what, "{'jobId':'%s','reason':'enough'}",
                           json_str_or(v, "jobId", ""));
            cJSON_Delete(service_call(&w->cloud, AWS_OP_BATCH_TERMINATE_JOB, what));
        }
        cJSON_Delete(list);
    }
}

/* A queue with room for one job, and three jobs in it. */
static void the_queue_tells_who_waits_for_whom(struct world *w)
{
    const char *argv[] = {w->program, "--queue", "narrow", NULL};

    cJSON_Delete(service_call(
        &w->cloud, AWS_OP_BATCH_CREATE_COMPUTE_ENVIRONMENT,
        "{'computeEnvironmentName':'narrow-spot','type':'MANAGED','computeResources':{'type':"
        "'FARGATE_SPOT','maxvCpus':1,'subnets':['s'],'securityGroupIds':['g']}}"));
    cJSON_Delete(service_call(&w->cloud, AWS_OP_BATCH_CREATE_JOB_QUEUE,
                              "{'jobQueueName':'narrow','priority':1,'computeEnvironmentOrder':["
                              "{'order':1,'computeEnvironment':'narrow-spot'}]}"));
    cJSON_Delete(service_call(
        &w->cloud, AWS_OP_BATCH_REGISTER_JOB_DEFINITION,
        "{'jobDefinitionName':'sleeper','type':'container','platformCapabilities':['FARGATE'],"
        "'containerProperties':{'image':'busybox','command':['sleep','3600'],"
        "'executionRoleArn':'arn:aws:iam::000000000000:role/execution','resourceRequirements':["
        "{'type':'VCPU','value':'1'},{'type':'MEMORY','value':'2048'}]}}"));
    for (int i = 0; i < 3; i++) {
        cJSON_Delete(
            service_call(&w->cloud, AWS_OP_BATCH_SUBMIT_JOB,
                         "{'jobName':'waiter','jobQueue':'narrow','jobDefinition':'sleeper'}"));
    }
    struct pty *p = run_with(w, argv, NULL, 24, 80);
    NEED(p, pty_wait(p, "live", SOON));
    pty_send(p, "7");
    CHECK(p, pty_wait(p, "narrow-spot  Fargate Spot, at most 1 vCPUs, ENABLED, VALID", SOON));
    for (int i = 0; i < 100 && !pty_wait(p, "1 running, 2 runnable", 600); i++) {
        pty_send(p, "r"); /* the jobs are on their way through the states */
    }
    CHECK(p, pty_has(p, "1 running, 2 runnable"));
    CHECK(p, pty_wait(p, "1 of 1 vCPUs in use", SOON));
    CHECK(p, pty_wait(p, "old: waits for its turn", SOON));
    CHECK(p, pty_wait(p, "State        Age  Ahead  Exit", SOON));
    pty_send(p, "r");
    CHECK(p, pty_wait(p, "m      1  |h      1  ", SOON));
    CHECK(p, pty_wait(p, "m      0  |h      0  ", SOON));
    end_jobs_of(w, "narrow");
    for (int i = 0; i < 100 && !pty_wait(p, "0 running, 0 runnable", 600); i++) {
        pty_send(p, "r");
    }
    CHECK(p, pty_wait(p, "no job waits for capacity", SOON));
    CHECK(p, pty_wait(p, "0 of 1 vCPUs in use", SOON));
    quit(w, p);
}

/* Links go to the terminals that know them, and an address that is none goes nowhere. */
static void addresses_are_links_where_the_terminal_knows_them(struct world *w)
{
    static const struct {
        const char *term, *vte;
        bool links;
    } terminals[] = {
        {"TERM=xterm-256color", "VTE_VERSION=7600", true },
        {"TERM=xterm-256color", "VTE_VERSION",      false},
        {"TERM=linux",          "VTE_VERSION=7600", false},
    };

    cJSON_Delete(service_call(
        &w->cloud, AWS_OP_DDB_PUT_ITEM,
        "{'TableName':'mvp-development-jobs','Item':{'jobId':{'S':'linked-1'},'status':{'S':"
        "'COMPLETED'},'userId':{'S':'linker'},'createdAt':{'S':'2026-01-01T00:00:00Z'},"
        "'vercelUrl':{'S':'https://shop.example/open'},'stagingUrl':{'S':"
        "'https://evil.example/\\u001b]0;owned\\u0007'}}}"));
    for (size_t i = 0; i < sizeof terminals / sizeof *terminals; i++) {
        const char *more[] = {
            terminals[i].term, terminals[i].vte, "TMUX", "STY", "TERM_PROGRAM", NULL};
        struct pty *p = open_with(w, more, 24, 80);
        NEED(p, pty_wait(p, "live", SOON));
        pty_send(p, "/");
        pty_send(p, "\025user:linker\r");
        NEED(p, look_until(p, "1/1"));
        pty_send(p, "\r");
        CHECK(p, pty_wait(p, "https://shop.example/open", SOON));
        CHECK(p, pty_wait_quiet(p, 200, SOON));
        size_t len = 0;
        const char *last = pty_last(p, &len);
        bool any = memmem(last, len, "\033]8;", 4) != NULL;
        static const char whole[] = "\033]8;;https://shop.example/open\033\\";
        CHECK(p, any == terminals[i].links);
        CHECK(p, any == (memmem(last, len, whole, sizeof whole - 1) != NULL));
        CHECK(p, memmem(last, len, "]8;;https://evil", 16) == NULL);
        CHECK(p, memmem(last, len, "\033]0;owned", 10) == NULL);
        pty_send(p, "q/");
        pty_send(p, "\025\r");
        quit(w, p);
    }
}

const struct e2e_test view_tests[] = {
    {"addresses are links where the terminal knows them",
     addresses_are_links_where_the_terminal_knows_them                                                      },
    {"two jobs stand beside each other",                  two_jobs_stand_beside_each_other                  },
    {"lost events are seen, edited and sent again",       lost_events_are_seen_edited_and_sent_again        },
    {"read-only changes no message",                      read_only_changes_no_message                      },
    {"the rule's events are followed",                    the_rules_events_are_followed                     },
    {"views work on other terminals",                     views_work_on_other_terminals                     },
    {"a window that shrank and grew is whole",            a_window_that_shrank_and_grew_again_is_whole      },
    {"a job that Batch alone knows is a row",             a_job_that_batch_alone_knows_is_a_row_and_stays_it},
    {"few bytes beside the detail",                       few_bytes_beside_the_detail                       },
    {"the queue tells who waits for whom",                the_queue_tells_who_waits_for_whom                },
};
const size_t view_tests_len = sizeof view_tests / sizeof *view_tests;

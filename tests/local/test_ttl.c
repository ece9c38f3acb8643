/* TTL of the local DynamoDB: turning it on and off, which items expire, who deletes them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cloud.h"
#include "core/json.h"
#include "src/cloud/dynamodb/ddb_ttl.h"
#include "src/cloud/store/life.h"
#include "src/cloud/store/store.h"

static struct test_cloud c;

static void setup(void)
{
    cloud_open(&c);
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE,
             "{'TableName':'state','BillingMode':'PAY_PER_REQUEST',"
             "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},"
             "{'AttributeName':'who','AttributeType':'S'}],"
             "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],"
             "'GlobalSecondaryIndexes':[{'IndexName':'by-who','KeySchema':["
             "{'AttributeName':'who','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}],"
             "'StreamSpecification':{'StreamEnabled':true,'StreamViewType':'NEW_AND_OLD_IMAGES'}}");
}

static void teardown(void)
{
    cloud_close(&c);
}

TestSuite(ttl, .init = setup, .fini = teardown, .timeout = 120);

#define SPEC(on, name)                                                                             \
    "{'TableName':'state','TimeToLiveSpecification':{'Enabled':" on ",'AttributeName':'" name "'}" \
    "}"

static void turn_on(void)
{
    cloud_answers(&c, AWS_OP_DDB_UPDATE_TIME_TO_LIVE, SPEC("true", "at"),
                  "{'TimeToLiveSpecification':{'Enabled':true,'AttributeName':'at'}}");
}

/* Goes on by so much; what asks the cloud afterwards does so with a right clock. */
static void pass_s(int64_t seconds)
{
    c.skew_ms += seconds * 1000;
    cloud_reconnect(&c);
}

/* Puts an item that expires `seconds` from now (negative: ago), as a value of this type. */
static void put(const char *pk, const char *type, int64_t seconds)
{
    char text[512];

    (void)snprintf(text, sizeof text,
                   "{'TableName':'state','Item':{'pk':{'S':'%s'},'who':{'S':'w'},'at':{'%s':"
                   "'%lld'}}}",
                   pk, type, (long long)((int64_t)time(NULL) + c.skew_ms / 1000 + seconds));
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, text);
}

static bool is_there(const char *pk)
{
    char text[128];

    (void)snprintf(text, sizeof text, "{'TableName':'state','Key':{'pk':{'S':'%s'}}}", pk);
    cJSON *out = cloud_call(&c, AWS_OP_DDB_GET_ITEM, text);
    cr_assert_not_null(out, "%s", c.e.msg);
    bool there = json_get(out, "Item") != NULL;
    cJSON_Delete(out);
    return there;
}

/* Waits until the thread has deleted it. */
static void expect_gone(const char *pk)
{
    for (int i = 0; i < 300 && is_there(pk); i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
    }
    cr_expect_not(is_there(pk), "%s", pk);
}

/* Deletes all that is due, as the thread does. */
static void delete_due(void)
{
    cloud_lock(c.l);
    while (ddb_ttl_delete_due(c.l)) {
    }
    cloud_unlock(c.l);
}

Test(ttl, it_is_described_and_changed_as_aws_does)
{
    cloud_answers(&c, AWS_OP_DDB_DESCRIBE_TIME_TO_LIVE, "{'TableName':'state'}",
                  "{'TimeToLiveDescription':{'TimeToLiveStatus':'DISABLED'}}");
    cloud_refuses(&c, AWS_OP_DDB_UPDATE_TIME_TO_LIVE, SPEC("false", "at"), "ValidationException",
                  "TimeToLive is already disabled");
    turn_on();
    cloud_answers(&c, AWS_OP_DDB_DESCRIBE_TIME_TO_LIVE, "{'TableName':'state'}",
                  "{'TimeToLiveDescription':{'TimeToLiveStatus':'ENABLED','AttributeName':'at'}}");
    cloud_refuses(&c, AWS_OP_DDB_UPDATE_TIME_TO_LIVE, SPEC("true", "at"), "ValidationException",
                  "TimeToLive is already enabled");
    cloud_refuses(&c, AWS_OP_DDB_UPDATE_TIME_TO_LIVE, SPEC("true", "other"), "ValidationException",
                  "TimeToLive is active on a different AttributeName: current AttributeName is at");
    cloud_refuses(&c, AWS_OP_DDB_UPDATE_TIME_TO_LIVE, SPEC("false", "other"), "ValidationException",
                  "TimeToLive is active on a different AttributeName: current AttributeName is at");
    cloud_refuses(&c, AWS_OP_DDB_UPDATE_TIME_TO_LIVE, SPEC("false", "at"), "ValidationException",
                  "Time to live has been modified multiple times within a fixed interval");
    cloud_restart(&c);
    pass_s(3601);
    cloud_do(&c, AWS_OP_DDB_UPDATE_TIME_TO_LIVE, SPEC("false", "at"));
    cloud_answers(&c, AWS_OP_DDB_DESCRIBE_TIME_TO_LIVE, "{'TableName':'state'}",
                  "{'TimeToLiveDescription':{'TimeToLiveStatus':'DISABLED'}}");
    pass_s(3601);
    cloud_do(&c, AWS_OP_DDB_UPDATE_TIME_TO_LIVE, SPEC("true", "pk")); /* AWS takes a key, too */
}

Test(ttl, wrong_requests_are_refused)
{
    static const struct {
        const char *json, *code, *part;
    } cases[] = {
        {"{'TableName':'state'}",                                                 "ValidationException", "null at 'timeToLiveSpecification'"                              },
        {"{'TableName':'state','TimeToLiveSpecification':{'AttributeName':'a'}}",
         "ValidationException",                                                                          "null at 'timeToLiveSpecification.enabled'"                      },
        {"{'TableName':'state','TimeToLiveSpecification':{'Enabled':true}}",      "ValidationException",
         "null at 'timeToLiveSpecification.attributeName'"                                                                                                                },
        {SPEC("true",                                                             ""),                   "ValidationException",                                             "greater than or equal to 1"},
        {"{'TableName':'state','TimeToLiveSpecification':{'Enabled':'true','AttributeName':'a'}}",
         "SerializationException",     "Boolean"                                                                                                                                         },
        {"{'TableName':'none','TimeToLiveSpecification':{'Enabled':true,'AttributeName':'a'}}",
         "ResourceNotFoundException",        "not found"                                                                                                                                      },
        {"{'TimeToLiveSpecification':{'Enabled':true,'AttributeName':'a'}}",                                                                       "ValidationException",
         "null at 'tableName'"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cloud_refuses(&c, AWS_OP_DDB_UPDATE_TIME_TO_LIVE, cases[i].json, cases[i].code,
                      cases[i].part);
    }
    cloud_refuses(&c, AWS_OP_DDB_DESCRIBE_TIME_TO_LIVE, "{'TableName':'none'}",
                  "ResourceNotFoundException", "not found");
}

Test(ttl, what_has_expired_goes_by_itself_and_the_stream_names_the_service)
{
    turn_on();
    put("soon", "N", 2);
    put("later", "N", 3600);
    cr_expect(is_there("soon"));
    expect_gone("soon");
    cr_expect(is_there("later"));
    cloud_answers(&c, AWS_OP_DDB_QUERY,
                  "{'TableName':'state','IndexName':'by-who','KeyConditionExpression':'who = :w',"
                  "'ExpressionAttributeValues':{':w':{'S':'w'}},'Select':'COUNT'}",
                  "{'Count':1,'ScannedCount':1}");
    char *events = cloud_stream_text(&c, "state");
    cr_expect_str_eq(events, "INSERT soon, INSERT later, REMOVE soon by dynamodb.amazonaws.com");
    free(events);
}

Test(ttl, only_numbers_of_the_last_five_years_expire)
{
    turn_on();
    put("text", "S", -60);
    put("old", "N", -(int64_t)5 * 365 * 24 * 3600 - 60);
    put("not-so-old", "N", -(int64_t)5 * 365 * 24 * 3600 + 3600);
    put("due", "N", -1);
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'state','Item':{'pk':{'S':'huge'},'at':{'N':'1E+125'}}}");
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'state','Item':{'pk':{'S':'negative'},'at':{'N':'-5'}}}");
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, "{'TableName':'state','Item':{'pk':{'S':'none'}}}");
    delete_due();
    cr_expect(is_there("text"));
    cr_expect(is_there("old"));
    cr_expect(is_there("huge"));
    cr_expect(is_there("negative"));
    cr_expect(is_there("none"));
    cr_expect_not(is_there("not-so-old"));
    cr_expect_not(is_there("due"));
}

Test(ttl, items_that_are_older_than_the_setting_expire_and_none_after_it_is_off)
{
    put("before", "N", -1);
    delete_due();
    cr_expect(is_there("before"));
    turn_on();
    delete_due();
    cr_expect_not(is_there("before"));

    pass_s(3601);
    put("kept", "N", 100);
    cloud_do(&c, AWS_OP_DDB_UPDATE_TIME_TO_LIVE, SPEC("false", "at"));
    pass_s(200);
    delete_due();
    cr_expect(is_there("kept"));
}

Test(ttl, an_item_that_gets_another_time_or_goes_is_not_deleted_for_the_old_one)
{
    turn_on();
    put("moved", "N", 50);
    put("untimed", "N", 50);
    put("again", "N", 50);
    cloud_do(&c, AWS_OP_DDB_DELETE_ITEM, "{'TableName':'state','Key':{'pk':{'S':'again'}}}");
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, "{'TableName':'state','Item':{'pk':{'S':'again'}}}");
    put("moved", "N", 5000);
    cloud_do(&c, AWS_OP_DDB_UPDATE_ITEM,
             "{'TableName':'state','Key':{'pk':{'S':'untimed'}},'UpdateExpression':'REMOVE #a',"
             "'ExpressionAttributeNames':{'#a':'at'}}");
    pass_s(100);
    delete_due();
    cr_expect(is_there("moved"));
    cr_expect(is_there("untimed"));
    cr_expect(is_there("again"));
    cloud_do(&c, AWS_OP_DDB_DELETE_TABLE, "{'TableName':'state'}");
    pass_s(10000);
    delete_due(); /* nothing of the table is left to be due */
}

Test(ttl, more_than_one_look_takes_are_deleted)
{
    turn_on();
    for (int i = 0; i < 250; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "i%d", i);
        put(name, "N", -1);
    }
    delete_due();
    cloud_answers(&c, AWS_OP_DDB_SCAN, "{'TableName':'state','Select':'COUNT'}",
                  "{'Count':0,'ScannedCount':0}");
}

/* ---- the table that the cloud begins with ----------------------------------------------- */

/* Makes the cloud one that an older program made. */
static void make_older(void)
{
    cloud_lock(c.l);
    cr_assert_eq(cloud_store_meta_set(cloud_store(c.l), "seeded", "1", &c.e), E_OK, "%s", c.e.msg);
    cloud_unlock(c.l);
}

Test(ttl, a_new_cloud_has_the_state_table_and_an_older_one_gets_it)
{
    static const char described[] = "{'TimeToLiveDescription':{'TimeToLiveStatus':'ENABLED',"
                                    "'AttributeName':'expiresAt'}}";
    static const char name[] = "{'TableName':'mvp-development-state'}";

    cloud_close(&c);
    cloud_open_seeded(&c);
    cloud_answers(&c, AWS_OP_DDB_DESCRIBE_TIME_TO_LIVE, name, described);
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'mvp-development-state','Item':{'pk':{'S':'a'},'sk':{'S':'b'}}}");
    make_older();
    cloud_restart(&c); /* a table of that name is left as it is */
    cloud_answers(&c, AWS_OP_DDB_SCAN, "{'TableName':'mvp-development-state','Select':'COUNT'}",
                  "{'Count':1,'ScannedCount':1}");
    cloud_do(&c, AWS_OP_DDB_DELETE_TABLE, name);
    cloud_restart(&c); /* the user deleted it */
    cloud_refuses(&c, AWS_OP_DDB_DESCRIBE_TIME_TO_LIVE, name, "ResourceNotFoundException", "");
    make_older();
    cloud_restart(&c);
    cloud_answers(&c, AWS_OP_DDB_DESCRIBE_TIME_TO_LIVE, name, described);
}

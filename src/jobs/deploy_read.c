/* deploy_read.c - a deploy as JSON, read to its end whatever is wrong with it. */
#include "core/json.h"
#include "core/map.h"
#include "deploy_type.h"

/* Reads one key of metadata that is a field of its own. */
static void read_metadata_field(struct deploy_request *r, const cJSON *m, struct faults *f)
{
    const struct deploy_field *field = deploy_metadata_field(m->string);
    struct strbuf path = STRBUF_INIT;
    struct err e;

    strbuf_adds(&path, "metadata");
    rule_path_add(&path, m->string);
    if (faults_of(f, strbuf_str(&path))) {
        /* the fault was told already */
    } else if (field != NULL && field->type->faults != NULL && !cJSON_IsNull(m)) {
        size_t before = f->len;
        field->type->faults(field, strbuf_str(&path), m, f);
        if (f->len == before && deploy_take_metadata(r, m, &e) != E_OK) {
            faults_take(f, strbuf_str(&path), &e);
        }
    } else if (deploy_take_metadata(r, m, &e) != E_OK) {
        faults_take(f, strbuf_str(&path), &e);
    }
    strbuf_clear(&path);
}

static void read_member(struct deploy_request *r, const cJSON *v, struct faults *f)
{
    const struct deploy_field *own = deploy_field_named(v->string);
    bool object = own != NULL && own->type == &field_object;
    struct err e;

    if (cJSON_IsObject(v) && object) {
        rule_metadata_faults(own->name, v, f);
        for (const cJSON *m = v->child; m != NULL; m = m->next) {
            read_metadata_field(r, m, f);
        }
        return;
    }
    const struct deploy_field *field = deploy_field_find(v->string);
    bool needed = object || (field != NULL && field->required);
    bool left_out = cJSON_IsNull(v) && !needed;
    if (!left_out && deploy_take_member(r, v, &e) != E_OK) {
        faults_take(f, v->string, &e);
    }
}

void deploy_request_read(struct deploy_request *r, const cJSON *detail, struct faults *f)
{
    struct map *seen = map_new();
    const char *field = "";
    struct err e;

    deploy_request_init(r);
    for (const cJSON *v = detail->child; v != NULL; v = v->next) {
        if (map_put(seen, v->string, (void *)v) == NULL) {
            read_member(r, v, f);
        } else if (!faults_of(f, v->string)) {
            faults_add(f, v->string, "is given more than once: give it once");
        }
    }
    map_free(seen, NULL);
    for (size_t i = 0; i < deploy_fields_len; i++) {
        field = deploy_fields[i].name;
        if (!faults_of(f, field) && deploy_check_given(r, &deploy_fields[i], &e) != E_OK) {
            faults_take(f, field, &e);
        }
    }
    if (f->len == 0 && deploy_request_check(r, &field, &e) != E_OK) {
        faults_take(f, field, &e);
    }
    if (f->len > 0) {
        deploy_request_clear(r);
    }
}

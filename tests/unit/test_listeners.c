/* Goal: who listens, and how many wait there, is told by /proc/net, never wrongly.
 * procfs/ holds little roots to read. */
#include "unit.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/listeners.h"
#include "made_root.h"

enum { NOBODY = 65534 };

static struct listeners listeners;

static int forget(void **state)
{
    (void)state;
    listeners = (struct listeners){.count = 0};
    return 0;
}

/* From /proc/net ------------------------------------------------------------- */

/* Of a word of eight hexadecimal digits. */
static void swap_bytes(char *word)
{
    static const size_t digit[] = {6, 7, 4, 5, 2, 3, 0, 1};
    char swapped[8];
    for (size_t i = 0; i < sizeof swapped; i++)
        swapped[i] = word[digit[i]];
    memcpy(word, swapped, sizeof swapped);
}

/* The kernel prints an address as words of the machine, whose bytes are the network's. The
 * fixtures have the words of a little-endian machine; returns them as this one has them. */
static const char *of_this_machine(const char *rows)
{
    static char native[4096];
    assert_true(strlen(rows) < sizeof native);
    strcpy(native, rows);
    if (htonl(1) != 1)
        return native;
    for (char *port = native; (port = strchr(port, ':')) != NULL; port++) {
        size_t digits = 0;
        while (port - digits > native && isxdigit((unsigned char)port[-1 - (ptrdiff_t)digits]))
            digits++;
        for (char *word = port - digits; digits >= 8 && word < port; word += 8)
            swap_bytes(word);
    }
    return native;
}

/* procfs/v2, whose addresses are those of this machine. */
static void read_v2(void)
{
    char path[40];
    char rows[4096];
    for (int version = 0; version < 2; version++) {
        snprintf(path, sizeof path, "procfs/v2/proc/net/tcp%s", version ? "6" : "");
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        rows[fread(rows, 1, sizeof rows - 1, file)] = '\0';
        fclose(file);
        put(path + strlen("procfs/v2"), of_this_machine(rows));
    }
    listeners_read(made, LISTENER_TCP, &listeners);
}

static void assert_listener(size_t i, const char *place, int port, unsigned waiting)
{
    assert_true(i < listeners.count);
    assert_string_equal(listeners.list[i].place, place);
    assert_int_equal(listeners.list[i].port, port);
    assert_int_equal(listeners.list[i].waiting, waiting);
}

static void listeners_by_port_and_added_up(void **state)
{
    (void)state;
    read_v2();
    assert_true(listeners.is_known);
    assert_int_equal(listeners.count, 6);
    assert_int_equal(listeners.left_out, 0);
    assert_listener(0, "10.0.0.2", 22, 0);
    assert_listener(1, "2001:db8::1", 443, 0);
    assert_listener(2, "0.0.0.0", 8000, 14 + 3); /* two workers by SO_REUSEPORT */
    assert_listener(3, "::", 8000, 1);
    assert_listener(4, "127.0.0.1", 8080, 2); /* and not the connections of that port */
    assert_listener(5, "::1", 9000, 0);
    assert_int_equal(listeners.list[2].inode, 394617);
    assert_int_equal(listeners.list[5].inode, 394620);
}

static void listeners_of_one_family(void **state)
{
    (void)state;
    put("/proc/net/tcp6", "   0: 00000000000000000000000000000000:1F40 "
                          "00000000000000000000000000000000:0000 0A 00000000:00000001 00:00000000 "
                          "00000000     0        0 394619 1 0 100 0 0 10 0\n");
    listeners_read(made, LISTENER_TCP, &listeners);
    assert_true(listeners.is_known);
    assert_int_equal(listeners.count, 1);
    assert_listener(0, "::", 8000, 1);
}

static void no_listeners_and_no_files(void **state)
{
    (void)state;
    listeners_read(made, LISTENER_TCP, &listeners);
    assert_false(listeners.is_known);
    put("/proc/net/tcp", "  sl  local_address rem_address   st tx_queue rx_queue\n");
    listeners_read(made, LISTENER_TCP, &listeners);
    assert_true(listeners.is_known);
    assert_int_equal(listeners.count, 0);
}

static void listeners_of_garbage(void **state)
{
    (void)state;
    listeners_read("procfs/garbage", LISTENER_TCP, &listeners);
    assert_true(listeners.is_known);
    assert_int_equal(listeners.count, 0);
}

static void listeners_without_an_inode(void **state)
{
    (void)state;
    listeners_parse(of_this_machine("0: 0100007F:1F40 00000000:0000 0A 0:0000000A"), false,
                    &listeners);
    assert_listener(0, "127.0.0.1", 8000, 10);
    assert_int_equal(listeners.list[0].inode, 0);
}

static void more_listeners_than_places(void **state)
{
    char line[120];
    (void)state;
    for (unsigned port = 3 * LISTENERS_MAX; port > 0; port--) {
        snprintf(line, sizeof line, "%u: 00000000:%04X 00000000:0000 0A 0:1 00:0 0 0 0 1", port,
                 port);
        listeners_parse(line, false, &listeners);
    }
    assert_int_equal(listeners.count, LISTENERS_MAX);
    assert_int_equal(listeners.left_out, 2 * LISTENERS_MAX);
    for (size_t i = 1; i < listeners.count; i++)
        assert_true(listeners.list[i - 1].port < listeners.list[i].port);
    listeners_parse("0: 00000000:00C0 00000000:0000 0A 0:5 00:0 0 0 0 1", false, &listeners);
    assert_listener(LISTENERS_MAX - 1, "0.0.0.0", 192, 6); /* one that is known has its place */
    assert_int_equal(listeners.left_out, 2 * LISTENERS_MAX);
}

static void assert_path(size_t i, const char *path, unsigned waiting)
{
    assert_listener(i, path, 0, waiting);
}

static void unix_listeners(void **state)
{
    (void)state;
    listeners_read("procfs/v2", LISTENER_UNIX, &listeners);
    assert_true(listeners.is_known);
    assert_int_equal(listeners.count, 3);
    assert_path(0, "/run/app.sock", 2);
    assert_path(1, "/run/with a space.sock", 1);
    assert_path(2, "/run/idle.sock", 0);
}

/* An abstract name, a datagram's, a connection's: nothing listens there by a path. */
static void no_unix_listeners(void **state)
{
    (void)state;
    listeners_read("procfs/garbage", LISTENER_UNIX, &listeners);
    assert_true(listeners.is_known);
    assert_int_equal(listeners.count, 0);
    listeners_read(made, LISTENER_UNIX, &listeners);
    assert_false(listeners.is_known);
}

static void no_permission(void **state)
{
    char closed[100];
    (void)state;
    if (geteuid() != 0)
        skip();
    put("/proc/net/tcp", "");
    snprintf(closed, sizeof closed, "%s/proc/net/tcp", made);
    assert_int_equal(chmod(closed, 0), 0);
    assert_int_equal(seteuid(NOBODY), 0);
    listeners_read(made, LISTENER_TCP, &listeners);
    assert_int_equal(seteuid(0), 0);
    assert_false(listeners.is_known);
}

/* Whose ---------------------------------------------------------------------- */

static void owners(void **state)
{
    (void)state;
    read_v2();
    put("/proc/7/fd/0", "");
    put("/proc/8/fd/0", "");
    put_link("/proc/7/fd/3", "socket:[394617]");
    put_link("/proc/8/fd/3", "socket:[394620]");
    listeners_find_owners(made, &listeners, 1);
    assert_int_equal(listeners.list[2].pid, 7);
    assert_int_equal(listeners.list[5].pid, 8);
    assert_int_equal(listeners.list[0].pid, 0);
}

/* By which name -------------------------------------------------------------- */

static void names_of_a_socket(void **state)
{
    static const struct {
        const char *name;
        const char *path;
        bool is_bound;
    } rows[] = {
        {"/run/app.sock", "/run/app.sock", true},
        {"app.sock", "/run/app.sock", true}, /* bound in a directory that nobody tells */
        {"run/app.sock", "/run/app.sock", true},
        {"un/app.sock", "/run/app.sock", false},
        {"pp.sock", "/run/app.sock", false},
        {"/run/other.sock", "/run/app.sock", false},
        {"/srv/app.sock", "/run/app.sock", false}, /* neither is there */
        {"/run/app.sock", "app.sock", false},
        {"", "/run/app.sock", false},
        {"app.sock", "app.sock", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (listeners_is_bound(rows[i].name, rows[i].path) != rows[i].is_bound)
            fail_msg("%s at %s", rows[i].name, rows[i].path);
}

/* /var/run is often a link to /run. */
static void one_file_by_two_paths(void **state)
{
    char name[60];
    char path[60];
    (void)state;
    put("/run/app.sock", "");
    put("/other/app.sock", "");
    snprintf(name, sizeof name, "%s/run/app.sock", made);
    put_link("/var", "run");
    snprintf(path, sizeof path, "%s/var/app.sock", made);
    assert_true(listeners_is_bound(name, path));
    assert_true(listeners_is_bound(path, name));
    snprintf(path, sizeof path, "%s/other/app.sock", made);
    assert_false(listeners_is_bound(name, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(listeners_by_port_and_added_up, begin, end),
        cmocka_unit_test_setup_teardown(listeners_of_one_family, begin, end),
        cmocka_unit_test_setup_teardown(no_listeners_and_no_files, begin, end),
        cmocka_unit_test(listeners_of_garbage),
        cmocka_unit_test_setup(listeners_without_an_inode, forget),
        cmocka_unit_test_setup(more_listeners_than_places, forget),
        cmocka_unit_test(unix_listeners),
        cmocka_unit_test_setup_teardown(no_unix_listeners, begin, end),
        cmocka_unit_test_setup_teardown(no_permission, begin, end),
        cmocka_unit_test_setup_teardown(owners, begin, end),
        cmocka_unit_test(names_of_a_socket),
        cmocka_unit_test_setup_teardown(one_file_by_two_paths, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// Command template makes the node image's template store from the datastore of an API server's first start:
//
//	template STATE.DB TEMPLATE.DB
//
// It keeps the newest revision of the kinds named in kept and nothing else. A kind belongs there only if its objects
// are the same in every cluster and none holds a key, a token, a certificate, an address or a cluster's identity
// (hence no namespaces: clusters are told apart by the UID of kube-system).
package main

import (
	"database/sql"
	"fmt"
	"os"
	"strings"

	_ "github.com/mattn/go-sqlite3"
)

var kept = []string{
	"/registry/clusterrolebindings/",
	"/registry/clusterroles/",
	"/registry/flowschemas/",
	"/registry/priorityclasses/",
	"/registry/prioritylevelconfigurations/",
	"/registry/rolebindings/",
	"/registry/roles/",
}

// fewest is what a bootstrapped API server has at the least; below it something went wrong.
const fewest = 100

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: template STATE.DB TEMPLATE.DB")
		os.Exit(2)
	}
	count, err := run(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "template:", err)
		os.Exit(1)
	}
	fmt.Printf("template: %d objects\n", count)
}

func run(from, to string) (int, error) {
	db, err := sql.Open("sqlite3", from)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	wanted := "name = 'compact_rev_key'"
	for _, prefix := range kept {
		wanted += fmt.Sprintf(" OR substr(name, 1, %d) = '%s'", len(prefix), prefix)
	}
	for _, statement := range []string{
		"DELETE FROM kine WHERE NOT (" + wanted + ")",
		"DELETE FROM kine WHERE deleted <> 0 OR id NOT IN (SELECT MAX(id) FROM kine GROUP BY name)",
		"UPDATE kine SET old_value = NULL",
		// A copy, not the file itself: freed pages would still hold what was deleted.
		"VACUUM INTO '" + strings.ReplaceAll(to, "'", "''") + "'",
	} {
		if _, err = db.Exec(statement); err != nil {
			return 0, fmt.Errorf("%s: %w", statement, err)
		}
	}
	var count int
	if err = db.QueryRow("SELECT COUNT(*) FROM kine").Scan(&count); err != nil {
		return 0, err
	}
	if count < fewest {
		return count, fmt.Errorf("only %d objects: the API server had not finished", count)
	}
	return count, nil
}

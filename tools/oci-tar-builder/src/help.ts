// SPDX-License-Identifier: Apache-2.0

/** What `--help` prints. */
export const HELP = `oci-tar-builder: packs WebAssembly for registries and containerd, as an OCI image layout in a tar archive

usage: oci-tar-builder [options] [<title>=]<module>...

A module is a file of WebAssembly: a core module, a component, or the text of either, which is assembled; "-" is stdin.
It is checked, and refused when it is truncated or something else. Its title is its file's name unless you give one.
The archive goes to stdout, or with --output to a file, which appears when it is complete; its digest is then printed.
The same input gives the same bytes, on any machine and at any time.

Formats (--format):
  artifact   the CNCF's Wasm OCI artifact, as wkg pushes it: exactly one module, its imports and exports recorded, os
             wasip1 for a module and wasip2 for a component. Runs on containerd 2 and 1.7. This is the default.
  layers     the older format: an image configuration over layers that are Wasm. Takes several modules, other layers,
             an entrypoint, environment and so on. Runs where the artifact does.
  rootfs     an ordinary image that has the modules as files in /. Runs on every containerd.

For all:
  -m, --module <[title=]file>   the same as a module without it
  -n, --name <reference>        what it is called, as in example.org/app:1.0; repeat for more
  -t, --tag <tag>               one more tag for each name; without any tag it is "latest"; repeat for more
  -o, --output <file>           where to write, instead of stdout
  -a, --annotation <key=value>  an annotation of the manifest; repeat for more
      --author <name>
      --created <time>          RFC 3339; the variable SOURCE_DATE_EPOCH (seconds) otherwise, and 1970 without it
  -h, --help

For artifact:
      --target <world>          the world of a component, as in wasi:http/proxy@0.2.0, where it cannot be found out

For layers and rootfs (repeat --entrypoint and --cmd for each word, --env, --label and --file for more):
  -e, --entrypoint <word>       what runs; the first module unless you say so
      --cmd <word>              its default arguments
      --env <NAME=value>
      --workdir <path>
      --user <user[:group]>
      --label <key=value>
  -p, --platform <os/arch>      wasi/wasm unless you say so; linux/amd64 for clusters that know no other
      --file <path=file>        a file of the rootfs, as in etc/app.conf=app.conf

For layers:
  -l, --layer <type=[title=]file>
                                a layer of any media type, as it is; repeat for more
      --wasm-type <type>        media type of the modules' layers:
                                  application/vnd.bytecodealliance.wasm.component.layer.v0+wasm (unless you say so),
                                  application/vnd.wasm.content.layer.v1+wasm or application/wasm

Examples:
  oci-tar-builder --name example.org/app:1.0 --output app.tar app.wasm
      then: ctr image import --all-platforms app.tar
        or: oras cp --from-oci-layout app.tar:1.0 example.org/app:1.0
        or: skopeo copy --preserve-digests oci-archive:app.tar:1.0 docker://example.org/app:1.0
  oci-tar-builder --name example.org/app app.wasm=- < app.wat > app.tar
  oci-tar-builder -f layers -n example.org/two -e main.wasm --env LOG=debug -o two.tar main.wasm helper.wasm
  oci-tar-builder -f rootfs -n example.org/app -p linux/amd64 --file etc/app.conf=app.conf -o app.tar app.wasm

Exit status: 0 when all is written, 1 when something cannot be packed or written, 2 for a wrong command line.
`;

# The image, in the registry of the resource group.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034

# What the image is built from, in a folder of its own; and its name, which changes with any of it.
make_context() {
    [[ $(<"$root/Directory.Build.props") =~ \<Version\>([^<]+)\< ]] || fail 'Directory.Build.props names no Version.'
    version=${BASH_REMATCH[1]}
    context=$work/context
    mkdir -p "$context/src"
    cp -- "$root"/global.json "$root"/Directory.* "$context/"
    (cd -- "$root" && find src \( -name bin -o -name obj \) -prune -o -type f -print0 | xargs -0 cp --parents -t "$context")
    # The registry's builder does not know --platform, and needs none: it builds for its own.
    sed 's/^FROM --platform=[^ ]* /FROM /' "$root/deploy/image/Containerfile" >"$context/Containerfile"
    image_tag=$version-$(cd -- "$context" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-12)
}

make_image() {
    read_outputs registryName registryLoginServer
    if [[ -n $image ]]; then
        image_tag=${image##*:}
        azure 'the image' acr import --subscription "$subscription" --name "$registryName" --source "$image" --image "evbilling:$image_tag" --force ||
            fail "the image $image cannot be brought into $registryName: $(reason)."
        return
    fi
    make_context
    azure 'the image' acr repository show-tags --subscription "$subscription" --name "$registryName" --repository evbilling || : >"$answer"
    if [[ -z $dry_run && $(value "index(\"$image_tag\") != null") == true ]]; then
        say "    evbilling:$image_tag is there already"
        return
    fi
    run 'the image' az acr build --subscription "$subscription" --registry "$registryName" --image "evbilling:$image_tag" --file "$context/Containerfile" --platform linux/amd64 \
        --build-arg "VERSION=$version" --only-show-errors --no-format "$context" || fail "the image cannot be built in $registryName: $(reason)."
}

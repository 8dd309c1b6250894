// Writes the schema of Envoy's API as far as Sluice speaks it: to the file of the first argument a FileDescriptorSet with the
// messages that the others name and everything that these use, and nothing else.
package main

import (
	"log"
	"os"
	"sort"
	"strings"

	_ "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/file/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/stats/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/stream/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/clusters/dns/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/buffer/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/cors/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/health_check/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/jwt_authn/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/local_ratelimit/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/lua/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/set_filter_state/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/listener/tls_inspector/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/retry/host/previous_hosts/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// used holds the full names of the messages and enums that are kept.
type used map[protoreflect.FullName]bool

func (kept used) message(message protoreflect.MessageDescriptor) {
	if kept[message.FullName()] {
		return
	}
	kept[message.FullName()] = true
	for index := 0; index < message.Fields().Len(); index++ {
		field := message.Fields().Get(index)
		if field.Message() != nil {
			kept.message(field.Message())
		}
		if field.Enum() != nil {
			kept[field.Enum().FullName()] = true
		}
	}
}

// prune removes what is not used from a message's nested types. It reports whether anything of the message is used.
func (kept used) prune(scope string, message *descriptorpb.DescriptorProto) bool {
	name := scope + "." + message.GetName()
	message.NestedType = kept.messages(name, message.NestedType)
	message.EnumType = kept.enums(name, message.EnumType)
	isMapEntry := message.GetOptions().GetMapEntry()
	message.Options = nil
	if isMapEntry {
		message.Options = &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)}
	}
	message.Extension = nil
	message.ReservedName = nil
	message.ReservedRange = nil
	if !kept[protoreflect.FullName(name)] {
		// Only a scope of others.
		message.Field = nil
		message.OneofDecl = nil
		return len(message.NestedType)+len(message.EnumType) > 0
	}
	for _, field := range message.Field {
		packed := field.GetOptions().GetPacked()
		hasPacked := field.GetOptions() != nil && field.GetOptions().Packed != nil
		field.Options = nil
		if hasPacked {
			field.Options = &descriptorpb.FieldOptions{Packed: proto.Bool(packed)}
		}
	}
	for _, oneof := range message.OneofDecl {
		oneof.Options = nil
	}
	return true
}

func (kept used) messages(scope string, all []*descriptorpb.DescriptorProto) []*descriptorpb.DescriptorProto {
	var found []*descriptorpb.DescriptorProto
	for _, message := range all {
		if kept.prune(scope, message) {
			found = append(found, message)
		}
	}
	return found
}

func (kept used) enums(scope string, all []*descriptorpb.EnumDescriptorProto) []*descriptorpb.EnumDescriptorProto {
	var found []*descriptorpb.EnumDescriptorProto
	for _, enum := range all {
		if !kept[protoreflect.FullName(scope+"."+enum.GetName())] {
			continue
		}
		aliases := enum.GetOptions().GetAllowAlias()
		enum.Options = nil
		if aliases {
			enum.Options = &descriptorpb.EnumOptions{AllowAlias: proto.Bool(true)}
		}
		for _, value := range enum.Value {
			value.Options = nil
		}
		enum.ReservedName = nil
		enum.ReservedRange = nil
		found = append(found, enum)
	}
	return found
}

// file keeps what is used of a file; nil when that is nothing.
func (kept used) file(descriptor protoreflect.FileDescriptor) *descriptorpb.FileDescriptorProto {
	file := protodesc.ToFileDescriptorProto(descriptor)
	file.MessageType = kept.messages(file.GetPackage(), file.MessageType)
	file.EnumType = kept.enums(file.GetPackage(), file.EnumType)
	file.Service = nil
	file.Extension = nil
	file.Options = nil
	file.PublicDependency = nil
	file.WeakDependency = nil
	if len(file.MessageType)+len(file.EnumType) == 0 {
		return nil
	}
	return file
}

// dependencies keeps the imports of files that are written.
func dependencies(files map[string]*descriptorpb.FileDescriptorProto) {
	for _, file := range files {
		var kept []string
		for _, path := range file.Dependency {
			if files[path] != nil {
				kept = append(kept, path)
			}
		}
		file.Dependency = kept
	}
}

// inOrder puts every file behind those that it imports.
func inOrder(files map[string]*descriptorpb.FileDescriptorProto) []*descriptorpb.FileDescriptorProto {
	var paths []string
	for path := range files {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	done := map[string]bool{}
	var ordered []*descriptorpb.FileDescriptorProto
	var add func(path string)
	add = func(path string) {
		if done[path] {
			return
		}
		done[path] = true
		for _, dependency := range files[path].Dependency {
			add(dependency)
		}
		ordered = append(ordered, files[path])
	}
	for _, path := range paths {
		add(path)
	}
	return ordered
}

func main() {
	kept := used{}
	for _, name := range os.Args[2:] {
		message, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(strings.TrimSpace(name)))
		if err != nil {
			log.Fatalf("%s: %v (is its package imported in main.go?)", name, err)
		}
		kept.message(message.Descriptor())
	}
	files := map[string]*descriptorpb.FileDescriptorProto{}
	protoregistry.GlobalFiles.RangeFiles(func(descriptor protoreflect.FileDescriptor) bool {
		if file := kept.file(descriptor); file != nil {
			files[descriptor.Path()] = file
		}
		return true
	})
	dependencies(files)
	written, err := proto.MarshalOptions{Deterministic: true}.Marshal(&descriptorpb.FileDescriptorSet{File: inOrder(files)})
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[1], written, 0o644); err != nil {
		log.Fatal(err)
	}
}

import { withBase } from "vitepress/client";
import { defineComponent, h, onBeforeUnmount, onMounted, ref } from "vue";

/** Shows the viewer with a folder of this site, or empty, waiting for files to be dropped. */
export const CheckpointViewer = defineComponent({
  props: { folder: String },
  setup({ folder }) {
    const element = ref<HTMLElement>();
    let viewer: { unmount(): void } | undefined;
    onMounted(async () => {
      const { mount } = await import("@tfsaver/viewer");
      const { HttpStorage } = await import("@tfsaver/storage/http");
      if (element.value === undefined) return;
      const address = new URL(withBase(folder ?? "/"), location.href).href;
      viewer = mount(element.value, folder === undefined ? {} : { storage: new HttpStorage(address) });
    });
    onBeforeUnmount(() => viewer?.unmount());
    return () => h("div", { ref: element, class: "checkpoint-viewer vp-raw" });
  },
});

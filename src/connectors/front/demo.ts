import type { DemoPart } from "../../connector-kit/manifest.ts";

/** Harbor & Pine shares its inboxes by department: everybody outside Sales, and the sales teams of two offices. */
export const demo: DemoPart = {
  name: "inbox",
  settings: { protected: ["nora.whitlock@harborpine.example"] },
  rules: [
    {
      name: "inbox-administrators",
      when: { department: "IT" },
      give: { inbox: { role: "Admin", team: "{department}" } },
    },
    {
      name: "chief-administers-inbox",
      when: { email: "nora.whitlock@harborpine.example" },
      give: { inbox: { role: "Admin", team: "{department}" } },
    },
    {
      name: "departments-share-inboxes",
      when: { department: ["Support", "Operations", "Marketing", "Finance", "Leadership"] },
      give: { inbox: { team: "{department}" } },
    },
    {
      name: "two-sales-offices-share-inboxes",
      when: { department: "Sales", office: ["Oakland", "East Coast"] },
      give: { inbox: { team: "{department}" } },
    },
  ],
  leaver: { final: "delete" },
};
